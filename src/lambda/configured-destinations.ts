import { type AllowedDestination, OWN_BUCKETS } from '../services/destinations.ts';
import { JsonEntry } from './json-entries.ts';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}$/;

/**
 * Reads `OUTPORT_DESTINATIONS`: a JSON list of `{bucket, owner?, region?, prefix?, encryption?: {algorithm, kmsKeyIds?}}`.
 * `bucket` may be `*`; `prefix` ends in `/` and may contain `{team}`.
 * @returns every bucket of the table's own account when the variable is empty
 */
export function readDestinations(text: string | undefined): readonly AllowedDestination[] {
  if (!text) return OWN_BUCKETS;
  return JsonEntry.list('OUTPORT_DESTINATIONS', text, (entry) => {
    const bucket = entry.text('bucket', 'be the name of a bucket, or *', (name) => name === '*' || BUCKET.test(name));
    return {
      bucket: bucket === '*' ? null : bucket,
      owner: entry.optionalText('owner', 'be a 12-digit account id', (id) => ACCOUNT.test(id)),
      region: entry.optionalText('region', 'be a Region such as eu-central-1', (name) => REGION.test(name)),
      prefix: entry.optionalText('prefix', 'end in / and not start with one', isFolder) ?? '',
      encryption: entry.object('encryption', (encryption) => ({
        algorithm: algorithmOf(encryption.text('algorithm', 'be AES256 or KMS', (name) => /^(AES256|KMS)$/.test(name))),
        kmsKeyIds: encryption.has('kmsKeyIds') ? encryption.texts('kmsKeyIds', 'be a list of keys', Boolean) : [],
      })),
    };
  });
}

const isFolder = (prefix: string): boolean => prefix.endsWith('/') && !prefix.startsWith('/');

const algorithmOf = (name: string) => (name === 'KMS' ? 'KMS' : 'AES256');
