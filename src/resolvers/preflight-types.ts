import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ErrorCode } from '../records/error-codes.ts';
import { CHECK_CODES, type Check, type CheckCode } from '../services/preflight/check.ts';
import type { CostEstimate as Cost, DurationEstimate as Duration, Estimates } from '../services/preflight/estimates.ts';
import type { Preflight as Result } from '../services/preflight.ts';
import { ErrorCodes, enumOf, NEW_VALUES } from './enums.ts';

const CheckCodes = enumOf<CheckCode>(...CHECK_CODES);
registerEnumType(CheckCodes, {
  name: 'PreflightCheckCode',
  description: `What is looked at before an export is started. ${NEW_VALUES}`,
  valuesConfig: {
    INPUT: { description: 'Whether every field is valid by itself; one check for each that is not.' },
    PERMISSION: { description: 'Whether the policies permit it, to this destination. If not, nothing else is told.' },
    CLIENT_TOKEN: { description: 'Whether the client token is new, or was sent with the same input.' },
    TABLE: { description: 'Whether the table is there, and Outport may read and export it.' },
    POINT_IN_TIME_RECOVERY: { description: 'Whether it is on, and back to when.' },
    EXPORT_TIME: { description: 'Whether the time, or the window, can be exported.' },
    FILTER: { description: 'Only for filtered exports.' },
    BUCKET: { description: 'Whether the bucket is there, and in which Region.' },
    BUCKET_OWNER: { description: 'Whether it belongs to `bucketOwner`.' },
    BUCKET_ACCESS: {
      description: 'Whether S3 lets the session that exports write to it: tried out, as only S3 knows.',
    },
    ENCRYPTION: { description: 'Whether S3 takes the key.' },
    LIMITS: { description: 'Whether there is room for it now, and what is in use.' },
  },
});

const CheckStatus = enumOf('PASSED', 'FAILED', 'UNKNOWN');
registerEnumType(CheckStatus, {
  name: 'PreflightCheckStatus',
  description: 'What a check found.',
  valuesConfig: {
    PASSED: { description: 'Nothing speaks against the export.' },
    FAILED: { description: 'The export would fail, for this.' },
    UNKNOWN: { description: 'It could not be looked at: it speaks neither for the export nor against it.' },
  },
});

@ObjectType({ description: 'One thing that was looked at before an export is started.' })
export class PreflightCheck implements Omit<Check, 'refusal'> {
  @Field(() => CheckCodes, { description: 'What was looked at.' })
  code!: CheckCode;

  @Field(() => CheckStatus, { description: 'What it came to.' })
  status!: Check['status'];

  @Field(() => [String], {
    nullable: true,
    description: 'Path of the input field it is about, such as `["input", "tableArn"]`; null when no single one is.',
  })
  field!: readonly string[] | null;

  @Field({ description: 'What was found, with the values that were compared; in the words of AWS where AWS said it.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'What a person can do. Null when there is nothing to do.' })
  remedy!: string | null;

  @Field(() => ErrorCodes, { nullable: true, description: 'The error that `exportTable` gives for this, if any.' })
  errorCode!: ErrorCode | null;
}

@ObjectType({ description: 'What an export may cost. The bill is the truth.' })
export class CostEstimate implements Cost {
  @Field(() => Float, { description: 'The estimate, for the export itself.' })
  amount!: number;

  @Field(() => String, { description: 'The currency of the amount.' })
  currency!: Cost['currency'];

  @Field({ description: 'What it was estimated from, at which price and of which Region, and what is left out.' })
  note!: string;
}

const EstimateBasis = enumOf('TABLE', 'ACCOUNT');
registerEnumType(EstimateBasis, {
  name: 'EstimateBasis',
  description: 'Whose past exports an estimate is from.',
  valuesConfig: {
    TABLE: { description: 'Of the same table and type.' },
    ACCOUNT: { description: "Of the same type and the table's account and Region, as the table has none yet." },
  },
});

@ObjectType({ description: 'How long an export may take, by past ones. AWS promises no duration.' })
export class DurationEstimate implements Duration {
  @Field(() => Int, { description: 'Their median, from start to end.' })
  seconds!: number;

  @Field(() => EstimateBasis, { description: 'Whose.' })
  basis!: Duration['basis'];

  @Field(() => Int, { description: 'How many there were, at most 20.' })
  sampleSize!: number;
}

@ObjectType({ description: 'What an export may come to, before it is known.' })
export class ExportEstimates implements Estimates {
  @Field(() => GraphQLSafeInt, {
    description: 'Size of the table in bytes, with its local indexes (DescribeTable): up to six hours old.',
  })
  tableSizeBytes!: number;

  @Field(() => GraphQLSafeInt, {
    description:
      'Bytes that AWS may bill: of a full export the size of the table; of an incremental one what past ones came to, at least 10 MB.',
  })
  billedSizeBytes!: number;

  @Field(() => CostEstimate, { description: 'What AWS may bill for them.' })
  cost!: CostEstimate;

  @Field(() => DurationEstimate, { nullable: true, description: 'Null when there are no past exports to go by.' })
  duration!: DurationEstimate | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Bytes of all files, compressed, by past exports of the table. Null when there are none to go by.',
  })
  outputBytes!: number | null;
}

@ObjectType({ description: 'What would become of a request for an export. Nothing is started.' })
export class Preflight implements Omit<Result, 'checks'> {
  @Field({ description: 'Whether nothing is known that speaks against the export.' })
  ready!: boolean;

  @Field(() => [PreflightCheck], { description: 'Everything that was looked at, in a fixed order.' })
  checks!: PreflightCheck[];

  @Field(() => ExportEstimates, { nullable: true, description: 'Null when the table could not be read.' })
  estimates!: ExportEstimates | null;
}
