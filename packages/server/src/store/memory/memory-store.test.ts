import { storeConformance } from "../conformance.ts";
import { emptyMemoryState, memoryStore } from "./memory-store.ts";

storeConformance("the memory store", () => {
  const state = emptyMemoryState();
  const lines = (org: string) => state.organizations.get(org)?.audit ?? [];
  return {
    open: (options = {}) => memoryStore({ ...options, state }),
    editAudit: ({ org, seq }, columns) => {
      const line = lines(org).find((each) => each.seq === seq);
      if (line !== undefined) Object.assign(line, columns);
    },
    auditBodies: (org) => lines(org).map(({ body }) => body),
    editPersons: (org, body) => {
      for (const person of state.organizations.get(org)?.persons.values() ?? []) Object.assign(person, { body });
    },
    removeAudit: ({ org, seq }) => {
      const at = lines(org).findIndex((each) => each.seq === seq);
      lines(org).splice(at, 1);
    },
    setEpoch: (org, epoch) => {
      const organization = state.organizations.get(org);
      if (organization === undefined) throw new Error(`no organization ${org}`);
      organization.standing = { ...organization.standing, head: { ...organization.standing.head, epoch } };
    },
    cleanUp: () => {},
  };
});
