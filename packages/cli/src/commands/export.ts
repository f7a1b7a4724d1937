/**
 * `reeve export DIR|-`: everything that an organization holds, as YAML files that `reeve apply` makes stand again.
 *
 * Invariant: a file that says the same already is not touched; one that does not is edited where it differs.
 */
import { tell } from "../answer.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import { EXIT, type Exit } from "../exit.ts";
import { STREAM } from "../files/directory.ts";
import { exportInto } from "../files/export-into.ts";
import { fetchExport } from "../files/wanted.ts";
import { writeStream } from "../files/write-files.ts";
import { type Shell, writeLines } from "../shell.ts";

export type ExportOptions = ConnectionOptions & { readonly org?: string; readonly quiet?: true };

export async function exportFiles(shell: Shell, path: string, options: ExportOptions): Promise<Exit> {
  const org = organizationOf(options, shell);
  if (!org.ok) return tell(shell, org.error);
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const exported = await fetchExport(shell, { client: client.value, org: org.value, isQuiet: options.quiet === true });
  if (!exported.ok) return tell(shell, exported.error);
  const { records, revision } = exported.value;
  if (path === STREAM) {
    shell.stdout.write(writeStream(records));
    return EXIT.yes;
  }
  const written = exportInto(path, records);
  if (!written.ok) return tell(shell, written.error);
  if (options.quiet !== true) {
    const files = written.value.length;
    const done = files === 0 ? "no file differs" : `${files} ${files === 1 ? "file" : "files"} written`;
    writeLines(shell.stdout, [`${records.length} objects of revision ${revision}: ${done}.`, ...written.value.map((one) => `  ${one}`)]);
  }
  return EXIT.yes;
}
