import type { AwsCall } from '../aws/service.ts';
import { S3Error } from './object-store.ts';

/**
 * Refuses a presigned URL whose time is over, also where signatures are not verified: code that depends on the expiry
 * must meet it.
 * @throws S3Error `AccessDenied`
 */
export function checkExpiry({ query }: AwsCall, nowMillis: number): void {
  const expiresSeconds = query.get('X-Amz-Expires');
  const signedAt = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (expiresSeconds === null || !signedAt) return;
  const [, year, month, day, hour, minute, second] = signedAt.map(Number);
  const signedAtMillis = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  const expiresMillis = signedAtMillis + Number(expiresSeconds) * 1000;
  if (nowMillis <= expiresMillis) return;
  throw new S3Error('AccessDenied', 403, 'Request has expired', {
    'X-Amz-Expires': expiresSeconds,
    Expires: new Date(expiresMillis).toISOString(),
    ServerTime: new Date(nowMillis).toISOString(),
  });
}
