/** The door of mail: letters with links, handed to an SMTP server. */
export { mailedLinks } from "./links.ts";
export { type MailSettings, openSmtp, type Post } from "./smtp.ts";
