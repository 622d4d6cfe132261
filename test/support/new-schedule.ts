import type { ScheduleRecord } from '../../src/records/schedule-records.ts';
import { ANN } from './people.ts';

/** A schedule as it is when it has just been asked for. */
export const newSchedule = (id: string, createdAt: Date): ScheduleRecord => ({
  id,
  version: 1,
  requestedBy: ANN,
  clientToken: 't',
  inputHash: 'h',
  tableArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/orders',
  exportFormat: 'DYNAMODB_JSON',
  exportViewType: 'NEW_AND_OLD_IMAGES',
  destination: {
    bucket: 'lake',
    bucketOwner: '111122223333',
    prefix: null,
    encryption: { algorithm: 'AES256', kmsKeyId: null },
  },
  windowMinutes: 60,
  fullEveryDays: null,
  status: 'ACTIVE',
  problem: null,
  chain: { number: 0, since: null, through: null, brokenAt: null },
  current: null,
  linkCount: 0,
  nextStepAt: createdAt.toISOString(),
  createdAt: createdAt.toISOString(),
  updatedAt: createdAt.toISOString(),
});
