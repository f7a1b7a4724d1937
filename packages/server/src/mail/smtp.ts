/**
 * SMTP: hands a letter to the mail server that is configured, within ten seconds, or not at all.
 *
 * By TLS from the first byte (`smtps:`), or by STARTTLS, without which nothing is sent; loopback alone is trusted with plain text. A
 * user and a password that are configured are shown, or nothing is sent.
 * Invariant: a letter goes to its one address; what stands in it becomes neither a header nor a command.
 */
import { createTransport } from "nodemailer";

/** `url`: as the setting `mail.url` takes it. */
export type MailSettings = { readonly url: string; readonly from: { readonly name: string; readonly address: string } };
export type Letter = { readonly to: string; readonly subject: string; readonly text: string };
/** Hands a letter over. Rejects where that failed; the error may quote the letter. */
export type Post = (letter: Letter) => Promise<unknown>;

export const MAIL_MS = 10_000;
const PORTS: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };
/** What could be read as more than one address, or as another one, is handed to nobody. */
const PLAIN = /^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+$/u;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** `limitMs`: for tests. */
export function openSmtp({ url, from }: MailSettings, limitMs: number = MAIL_MS): Post {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isPlain = LOOPBACK.test(hostname);
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (PORTS[protocol] as number) : Number(port),
    secure: protocol === "smtps:",
    ...(isPlain ? { ignoreTLS: true } : { requireTLS: true }),
    ...(username === "" ? {} : { forceAuth: true, auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: "TLSv1.2" },
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    dnsTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ to, subject, text }) => {
    if (!PLAIN.test(to)) throw Object.assign(new Error("no mail goes to such an address"), { code: "EENVELOPE" });
    return transport.sendMail({
      envelope: { from: from.address, to: [to] },
      from,
      to: { name: "", address: to },
      subject,
      text,
      headers: { "Auto-Submitted": "auto-generated" },
      // A server that goes on answering, a byte at a time, is late too.
      signal: AbortSignal.timeout(limitMs),
    });
  };
}
