/** What the server's secrets are called, and how long they are. */
export const SECRET_BYTES = 32;

export const isSecretName = (name: string): boolean => /^[a-z][a-z0-9-]{0,63}$/.test(name);
