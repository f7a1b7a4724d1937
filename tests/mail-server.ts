/** A real SMTP server on loopback for tests: what it is handed, and how it refuses. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** `raw`: the letter as it came, headers and all. */
export type Mail = { readonly from: string; readonly to: readonly string[]; readonly raw: string };
export type MailServer = {
  readonly port: number;
  readonly mails: Mail[];
  /** The mail that came after those that were looked at before; waits for it. */
  next(): Promise<Mail>;
  close(): Promise<void>;
};

const WAIT_MS = 5_000;

export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  let looked = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ["STARTTLS"] : [],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() });
        done();
      });
    },
    ...options,
  });
  // A client that goes away in the midst is what some tests are about.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    async next() {
      for (const endMs = performance.now() + WAIT_MS; mails.length <= looked && performance.now() < endMs; )
        await new Promise((resolve) => setTimeout(resolve, 5));
      const mail = mails[looked];
      if (mail === undefined) throw new Error("no mail came");
      looked += 1;
      return mail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The text of a mail as people read it. */
export function textOf({ raw }: Mail): string {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const text = rest.join("\r\n\r\n");
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(text, "base64").toString();
  if (!/^content-transfer-encoding: quoted-printable/im.test(head)) return text;
  const bytes = text
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

export const linkIn = (mail: Mail): string => /https?:\/\/\S+/.exec(textOf(mail))?.[0] ?? "";
