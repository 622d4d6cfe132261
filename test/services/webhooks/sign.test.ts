import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signedHeaders } from '../../../src/services/webhooks/sign.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const keyOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');
const nowSeconds = () => Math.floor(Date.now() / 1000);
const headersAt = (timestampSeconds: number, ...secrets: string[]) =>
  signedHeaders({ id: 'exp_1/2', timestampSeconds, body: BODY }, secrets.map(keyOf));

describe('a signature', () => {
  test('is that of the example of Standard Webhooks', () => {
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const headers = signedHeaders({ id, timestampSeconds: 1614265330, body: BODY }, [keyOf(SECRET)]);

    expect(headers).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('is verified by its library, with either of two secrets', () => {
    const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const headers = headersAt(nowSeconds(), SECRET, other);

    expect(new Webhook(SECRET).verify(BODY, headers)).toEqual({ test: 2432232314 });
    expect(new Webhook(other).verify(BODY, headers)).toEqual({ test: 2432232314 });
  });

  test('does not fit another body, another id or another time, and is too old after five minutes', () => {
    const headers = headersAt(nowSeconds(), SECRET);
    const verify = (body: string, changed: Partial<typeof headers>) => () =>
      new Webhook(SECRET).verify(body, { ...headers, ...changed });

    expect(verify(BODY, {})).not.toThrow();
    expect(verify(BODY.replace('2', '3'), {})).toThrow(WebhookVerificationError);
    expect(verify(BODY, { 'webhook-id': 'exp_1/3' })).toThrow(WebhookVerificationError);
    expect(verify(BODY, { 'webhook-timestamp': String(nowSeconds() - 1) })).toThrow(WebhookVerificationError);
    expect(verify(BODY, headersAt(nowSeconds() - 301, SECRET))).toThrow('too old');
  });
});
