/**
 * The wire of people: invitations to an organization, accounts that accept them, their passwords, and sessions in which they are signed in.
 *
 * Invariant: the token of a link is in the answer that made it and in no other, and behind the `#` of the link;
 * the secret of a session is in its cookie alone.
 */
import { LIMITS } from "@reeve/core";
import { type Static, Type } from "typebox";
import { shownName } from "./texts.ts";

const PASSWORD_CHARACTERS_MIN = 12;
const PASSWORD_BYTES_MAX = 1_024;
const GROUPS_MAX = 100;
const ID = { minLength: 1, maxLength: LIMITS.idCharactersMax };

const email = Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax, description: "An e-mail address." });
const time = (description = "Epoch milliseconds.") => Type.Integer({ description });

export const InvitationRequest = Type.Object(
  {
    email,
    id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: LIMITS.idCharactersMax,
        description: "Of the user; absent: the one that the address is already here, or a new one.",
      }),
    ),
    name: Type.Optional(shownName("Of a user who is made.")),
    groups: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax }), {
        maxItems: GROUPS_MAX,
        description: "Groups that the user becomes a member of; in `admins` he administers the organization.",
      }),
    ),
    productAdministrator: Type.Optional(
      Type.Array(Type.String(ID), { maxItems: GROUPS_MAX, description: "Products that the user administers." }),
    ),
    developerAccess: Type.Optional(
      Type.Array(Type.String(ID), {
        maxItems: GROUPS_MAX,
        description: "Roles that the user may give to developer projects. A product administrator gives those of his products.",
      }),
    ),
  },
  { title: "InvitationRequest", additionalProperties: false },
);
export type InvitationRequest = Static<typeof InvitationRequest>;

const invitation = {
  id: Type.String({ description: "Names the invitation; it lets nobody in." }),
  principal: Type.String({ description: "The user of the organization." }),
  email,
  created: time(),
  expires: time("Epoch milliseconds; from then on the link counts no more."),
};
export const InvitationAnswer = Type.Object(invitation, { title: "Invitation" });
export type InvitationAnswer = Static<typeof InvitationAnswer>;
export const InvitationMade = Type.Object(
  {
    principal: invitation.principal,
    email,
    id: Type.Optional(invitation.id),
    created: Type.Optional(invitation.created),
    expires: Type.Optional(invitation.expires),
    link: Type.Optional(Type.String({ description: "Shown now and never again, its token behind `#`; absent where it was sent by mail." })),
  },
  {
    title: "InvitationMade",
    description: "Without `id`: the address is a user here already, or invited to be one, to whom a product administrator sends no link.",
  },
);
export type InvitationMade = Static<typeof InvitationMade>;
export const InvitationPage = Type.Object(
  { items: Type.Array(InvitationAnswer), next: Type.Optional(Type.String()) },
  { title: "InvitationPage" },
);

const password = Type.String({
  description: `At least ${PASSWORD_CHARACTERS_MIN} characters (code points), at most ${PASSWORD_BYTES_MAX} bytes of UTF-8; normalized to NFC.`,
});
export const AcceptRequest = Type.Object(
  { token: Type.String({ description: "What stands behind the `#` of the link." }), password },
  { title: "AcceptInvitationRequest", additionalProperties: false },
);
export type AcceptRequest = Static<typeof AcceptRequest>;
export const AccountAnswer = Type.Object(
  {
    id: Type.String(),
    email: Type.Optional(Type.String({ description: "Absent where a trusted issuer signs the account in." })),
    issuer: Type.Optional(Type.String({ description: "That issuer's name." })),
  },
  { title: "Account" },
);
export type AccountAnswer = Static<typeof AccountAnswer>;

const code = Type.String({
  maxLength: 64,
  description: "Of the second factor: six digits of an app, or a recovery code. Each counts once.",
});
export const SignInRequest = Type.Object(
  {
    email: Type.String({ maxLength: LIMITS.nameCharactersMax }),
    password: Type.String({ description: "As it was chosen." }),
    code: Type.Optional(code),
  },
  { title: "SignInRequest", additionalProperties: false },
);
export type SignInRequest = Static<typeof SignInRequest>;

const session = { id: Type.String({ description: "Names the session; it lets nobody in." }), created: time() };
const expires = time("Epoch milliseconds; then it ends, unless somebody asks before. After seven days it ends in any case.");
export const SessionAnswer = Type.Object(
  {
    ...session,
    expires,
    account: AccountAnswer,
    secondFactor: Type.Boolean({ description: "Whether signing in takes a code too." }),
    csrf: Type.String({ description: "To be sent as `Reeve-CSRF` with every POST, PUT and DELETE." }),
    organizations: Type.Array(Type.Object({ id: Type.String(), principal: Type.String() }), {
      description: "Where the account is an active user, and which.",
    }),
  },
  { title: "Session" },
);
export type SessionAnswer = Static<typeof SessionAnswer>;
export const SessionListed = Type.Object(
  {
    ...session,
    current: Type.Boolean({ description: "Whether it is the one that asks." }),
    lastSeen: time("Epoch milliseconds, to five minutes."),
    expires,
    address: Type.String({ description: "Where it was signed in from." }),
    userAgent: Type.String({ description: "The browser's own name, at most 128 characters of it." }),
  },
  { title: "SessionListed" },
);
export type SessionListed = Static<typeof SessionListed>;
export const SessionList = Type.Object({ items: Type.Array(SessionListed) }, { title: "SessionList" });

export const EnrolmentAnswer = Type.Object(
  {
    secret: Type.String({ description: "Base32. Shown now and never again." }),
    uri: Type.String({ description: "The same as an `otpauth` URI." }),
    qr: Type.Array(Type.String(), { description: "The URI as a QR code: rows of modules without a margin, `1` is dark." }),
  },
  { title: "SecondFactorEnrolment" },
);
export type EnrolmentAnswer = Static<typeof EnrolmentAnswer>;
export const CodeRequest = Type.Object(
  { code: Type.String({ maxLength: 64, description: "Six digits that the app shows now." }) },
  { title: "SecondFactorCode", additionalProperties: false },
);
export type CodeRequest = Static<typeof CodeRequest>;
export const RecoveryCodes = Type.Object(
  { recoveryCodes: Type.Array(Type.String(), { description: "Ten, each good once instead of a code. Shown now and never again." }) },
  { title: "RecoveryCodes" },
);
export type RecoveryCodes = Static<typeof RecoveryCodes>;
export const PasswordChange = Type.Object(
  { password: Type.String({ description: "The one that counts now." }), newPassword: password },
  { title: "PasswordChange", additionalProperties: false },
);
export type PasswordChange = Static<typeof PasswordChange>;
export const PasswordResetRequest = Type.Object({ email }, { title: "PasswordResetRequest", additionalProperties: false });
export type PasswordResetRequest = Static<typeof PasswordResetRequest>;
export const PasswordResetMade = Type.Object(
  {
    link: Type.String({ description: "Shown now and never again, its token behind `#`." }),
    expires: time("Epoch milliseconds; from then on the link counts no more."),
  },
  { title: "PasswordResetMade" },
);
export type PasswordResetMade = Static<typeof PasswordResetMade>;

export const AccountEnd = Type.Object(
  { password: Type.String(), code: Type.Optional(code) },
  { title: "AccountEnd", additionalProperties: false },
);
export type AccountEnd = Static<typeof AccountEnd>;
export const AccountListed = Type.Object(
  {
    id: Type.String(),
    email: Type.Optional(Type.String({ description: "Absent where a trusted issuer signs the account in." })),
    issuer: Type.Optional(Type.String({ description: "That issuer's name." })),
    created: time(),
    secondFactor: Type.Boolean({ description: "Whether signing in takes a code too." }),
    organizations: Type.Array(Type.Object({ id: Type.String(), principal: Type.String() }), { description: "Where it is which user." }),
  },
  { title: "AccountListed" },
);
export type AccountListed = Static<typeof AccountListed>;
export const AccountPage = Type.Object({ items: Type.Array(AccountListed), next: Type.Optional(Type.String()) }, { title: "AccountPage" });

export const SecondFactorOff = Type.Object({ password: Type.String(), code }, { title: "SecondFactorOff", additionalProperties: false });
export type SecondFactorOff = Static<typeof SecondFactorOff>;
