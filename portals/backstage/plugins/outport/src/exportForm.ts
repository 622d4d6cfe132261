import { parseZonedDateTime } from '@internationalized/date';
import type { ExportRequest } from '@outport/backstage-plugin-outport-common';

/** The request that a form asks for; a field that was left empty is left out. */
export function requestIn(form: FormData): ExportRequest {
  const text = (name: string) => String(form.get(name) ?? '').trim() || undefined;
  const time = text('exportTime');
  return {
    destination: { bucket: text('bucket') ?? '', bucketOwner: text('bucketOwner'), prefix: text('prefix') },
    exportFormat: text('exportFormat') === 'ION' ? 'ION' : 'DYNAMODB_JSON',
    exportTime: time && parseZonedDateTime(time).toDate().toISOString(),
  };
}
