import { request as httpRequest } from 'node:http';

/** A request as the SDK signed it, held back before it was sent. */
export interface CapturedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What a request handler of the SDK is given, as far as it is used here. */
interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A request handler for an SDK client that keeps the signed request instead of sending it. */
export function captureRequest() {
  let captured: CapturedRequest | undefined;
  return {
    requestHandler: {
      async handle({ method, path, query = {}, headers, body = '' }: SignedRequest): Promise<never> {
        const parameters = Object.entries(query).map(
          ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
        );
        const url = parameters.length > 0 ? `${path}?${parameters.join('&')}` : path;
        captured = { method, url, headers, body: typeof body === 'string' ? body : new TextDecoder().decode(body) };
        throw new Error('held back');
      },
    },
    async of(sending: Promise<unknown>): Promise<CapturedRequest> {
      await sending.catch(() => undefined);
      if (!captured) throw new Error('The SDK sent nothing.');
      return captured;
    },
  };
}

/** Sends a request byte for byte as given, the Host header included. */
export function sendRaw(endpoint: string, { method, url, headers, body }: CapturedRequest): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    const outgoing = httpRequest({ hostname, port, method, path: url, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    outgoing.on('error', reject).end(body);
  });
}
