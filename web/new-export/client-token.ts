type Kind = 'export' | 'schedule';

/** Of this tab, so that a page that is loaded again still asks for the same. */
const keyOf = (kind: Kind): string => `outport.asked.${kind}`;

/** 128 random bits. Unlike `randomUUID`, this works on pages that were not loaded over TLS. */
export const newClientToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The client token to ask for something with: the same for as long as the same is asked for, so that an answer that was
 * lost, a second click or a reload gives the same export or schedule; another one as soon as something is changed.
 */
export function clientTokenFor(kind: Kind, request: object): string {
  const input = JSON.stringify(request);
  const [asked, token] = (sessionStorage.getItem(keyOf(kind)) ?? '').split('\n');
  if (asked === input && token) return token;
  const next = newClientToken();
  sessionStorage.setItem(keyOf(kind), `${input}\n${next}`);
  return next;
}

/** It is there: asking for the same again is asking for another one. */
export const forgetClientToken = (kind: Kind): void => sessionStorage.removeItem(keyOf(kind));
