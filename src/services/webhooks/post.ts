import http from 'node:http';
import https from 'node:https';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { signedHeaders } from './sign.ts';
import type { SignedWebhook } from './webhook.ts';

/** From the lookup of the name to the status line. */
export const POST_MS_MAX = 10_000;

/** What came of sending an event once. GONE: the endpoint says that it will never take one again. */
export type Posted = { readonly outcome: 'TAKEN' } | { readonly outcome: 'REFUSED' | 'GONE'; readonly problem: string };

/** Sends an event to a receiver once. Whatever goes wrong with that is an outcome. */
export type Post<Receiver> = (
  receiver: Receiver,
  event: { readonly id: string; readonly body: string },
  at: Date,
) => Promise<Posted>;

/**
 * Sends to public addresses only. A name may mean another address at every lookup, so the agents check each address that
 * it means to the connection they are about to make, which then is to a checked one. Redirects are not followed, proxies
 * of the environment not used, and nothing is read of an answer but its status.
 * @param allowLocal lets 127.0.0.1 be sent to as well, for tests on one machine
 */
export function createPostWebhook({ allowLocal }: { readonly allowLocal: boolean }): Post<SignedWebhook> {
  const options = { allowIPAddressList: allowLocal ? ['127.0.0.1'] : [] };
  const [overHttp, overHttps] = [new RequestFilteringHttpAgent(options), new RequestFilteringHttpsAgent(options)];

  function post(url: URL, headers: Readonly<Record<string, string | number>>, body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(POST_MS_MAX);
      const request =
        url.protocol === 'https:'
          ? https.request(url, { method: 'POST', agent: overHttps, headers, signal })
          : http.request(url, { method: 'POST', agent: overHttp, headers, signal });
      request.on('error', (error) => {
        reject(signal.aborted ? new Error(`no answer within ${POST_MS_MAX / 1000} seconds`) : error);
      });
      request.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      request.end(body);
    });
  }

  return async ({ url, secrets }, { id, body }, at) => {
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'outport',
      ...signedHeaders({ id, timestampSeconds: Math.floor(at.getTime() / 1000), body }, secrets),
    };
    try {
      return postedBy(await post(new URL(url), headers, body));
    } catch (error) {
      return { outcome: 'REFUSED', problem: error instanceof Error ? error.message : String(error) };
    }
  };
}

function postedBy(status: number): Posted {
  if (status >= 200 && status < 300) return { outcome: 'TAKEN' };
  if (status >= 300 && status < 400) {
    return { outcome: 'REFUSED', problem: `it answered ${status}, and redirects are not followed` };
  }
  return { outcome: status === 410 ? 'GONE' : 'REFUSED', problem: `it answered ${status}` };
}
