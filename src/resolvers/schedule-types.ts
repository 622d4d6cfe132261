import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ErrorCode } from '../records/error-codes.ts';
import type { Gap, ScheduleProblem as Problem, ScheduleRecord } from '../records/schedule-records.ts';
import type { ChainVerdict as Verdict } from '../services/schedules/chain-verdict.ts';
import type { CreateScheduleInput as Input } from '../services/schedules/schedule-request.ts';
import type { ListedLink } from '../services/schedules/view-schedules.ts';
import { PageArgs } from './connection.ts';
import { ErrorCodes, ExportFormat, ExportViewType, enumOf, NEW_VALUES } from './enums.ts';
import { ExportDestinationInput, ExportUserError } from './export-table-types.ts';
import { ExportDestination, Person } from './export-types.ts';

const ScheduleStatus = enumOf('ACTIVE', 'PAUSED', 'DELETED');
registerEnumType(ScheduleStatus, {
  name: 'ScheduleStatus',
  description: `Whether a schedule makes exports. ${NEW_VALUES}`,
  valuesConfig: {
    ACTIVE: { description: 'It does.' },
    PAUSED: {
      description: 'It does not, until it is resumed: somebody has paused it, or `problem` says what is in the way.',
    },
    DELETED: { description: 'It never will again. Its exports stay.' },
  },
});

const ScheduleLinkStatus = enumOf('IN_PROGRESS', 'COMPLETED', 'FAILED');
registerEnumType(ScheduleLinkStatus, {
  name: 'ScheduleLinkStatus',
  description: `Where a link stands. ${NEW_VALUES}`,
  valuesConfig: {
    IN_PROGRESS: { description: 'Its export is being made, or is about to be.' },
    COMPLETED: { description: 'Its export is COMPLETED.' },
    FAILED: { description: 'It was given up. The chain ends before it.' },
  },
});

@ObjectType({ description: 'What is in the way of a schedule.' })
class ScheduleProblem implements Problem {
  @Field(() => ErrorCodes, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field({ description: 'What is wrong, in the words of AWS where AWS said it.' })
  message!: string;
}

@ObjectType({ description: 'A stretch of time whose changes are in no export of a schedule.' })
class ScheduleGap extends ScheduleProblem implements Gap {
  @Field(() => GraphQLDateTime, { description: 'The end of the chain before it.' })
  from!: string;

  @Field(() => GraphQLDateTime, { description: 'The time of the full export behind it.' })
  to!: string;
}

@ObjectType({ description: 'An export of a schedule, with its place in the chain.' })
export class ScheduleLink implements Omit<ListedLink, 'scheduleId' | 'createdAt' | 'endedAt'> {
  @Field(() => Int, { description: '1 for the first of the schedule, then one more each.' })
  number!: number;

  @Field(() => Int, { description: 'The chain that it is of, from 1: each begins with a full export.' })
  chain!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Where its window begins: at `to` of the link before it. Null: a full export.',
  })
  from!: string | null;

  @Field(() => GraphQLDateTime, { description: 'Where its window ends, or the time of the full export.' })
  to!: string;

  @Field(() => Int, { description: 'How often it has been asked for, with the same window; at most 5.' })
  attempt!: number;

  @Field(() => ID, { description: 'The export of this attempt; there may be none yet.' })
  exportId!: string;

  @Field(() => ScheduleLinkStatus, { description: 'Where it stands.' })
  status!: ListedLink['status'];

  @Field({ description: 'Whether its files were found to be what they should be, when it completed.' })
  verified!: boolean;

  @Field(() => ScheduleGap, {
    nullable: true,
    description: 'Of the first link of a chain that could not go on where the one before it ended: what is missing.',
  })
  gap!: Gap | null;

  @Field({
    description:
      'Whether a later chain has taken over: nobody needs this link to know the table at any time since that began. Outport deletes nothing.',
  })
  superseded!: boolean;
}

@ObjectType({ description: 'Whether the links of a chain together are what they promise.' })
export class ChainVerdict implements Verdict {
  @Field({ description: 'Whether each goes on where the one before it ends.' })
  contiguous!: boolean;

  @Field({ description: 'Whether the files of each were found to be what they should be.' })
  verified!: boolean;

  @Field({ description: 'Whether all links of the chain were looked at; of a long one, the last 1,000 are.' })
  whole!: boolean;

  @Field(() => Int, { description: 'Links that are complete.' })
  links!: number;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'From when they know every change. Null without any.' })
  from!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Up to when. Null without any.' })
  to!: string | null;

  @Field(() => [String], { description: 'What is wrong; at most 20 findings.' })
  problems!: readonly string[];
}

/** Its fields are those of the record. */
@ObjectType({
  description: 'A standing order: a full export of a table, then every window after it, without gap or overlap.',
})
export class Schedule {
  @Field(() => ID, { description: "Outport's id of the schedule." })
  id!: string;

  @Field(() => Int, { description: 'Grows by one with every change.' })
  version!: number;

  @Field(() => ScheduleStatus, { description: 'Whether it makes exports.' })
  status!: ScheduleRecord['status'];

  @Field(() => Person, { description: 'Who asked for it. Every export is made on their behalf, and decided on anew.' })
  requestedBy!: Person;

  @Field({ description: 'ARN of the table.' })
  tableArn!: string;

  @Field(() => ExportFormat, { description: 'Format of the data files.' })
  exportFormat!: ScheduleRecord['exportFormat'];

  @Field(() => ExportViewType, { description: 'What of each changed item.' })
  exportViewType!: ScheduleRecord['exportViewType'];

  @Field(() => ExportDestination, { description: 'Where to. Each link has a folder of its own below the prefix.' })
  destination!: ExportDestination;

  @Field(() => Int, { description: 'Length of a window in minutes, 15 to 1,440.' })
  windowMinutes!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'After how many days a chain ends and a new one begins. Null: never.',
  })
  fullEveryDays!: number | null;

  @Field(() => ScheduleProblem, { nullable: true, description: 'What is in the way. Null when nothing is.' })
  problem!: Problem | null;

  @Field(() => GraphQLDateTime, { description: 'When its next step is due, while it is ACTIVE.' })
  nextStepAt!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: string;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  updatedAt!: string;
}

@InputType({ description: 'A request for a schedule.' })
export class CreateScheduleInput implements Input {
  @Field({
    description:
      'Makes the request happen once, as for `exportTable`. 1 to 64 characters without `$`. It never expires.',
  })
  clientToken!: string;

  @Field({ description: 'ARN of the table.' })
  tableArn!: string;

  @Field(() => ExportFormat, { defaultValue: ExportFormat.DYNAMODB_JSON, description: 'Format of the data files.' })
  exportFormat!: 'DYNAMODB_JSON' | 'ION';

  @Field(() => ExportViewType, {
    defaultValue: ExportViewType.NEW_AND_OLD_IMAGES,
    description: 'What of each changed item.',
  })
  exportViewType!: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';

  @Field(() => ExportDestinationInput, {
    description: 'Where to. Below the prefix, which has at most 900 bytes, each link gets a folder of its own.',
  })
  destination!: ExportDestinationInput;

  @Field(() => Int, { description: 'Length of a window in minutes, 15 to 1,440.' })
  windowMinutes!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'After how many days, 1 to 365, to begin again with a full export. Left out: only where there is a gap.',
  })
  fullEveryDays?: number | null;
}

@ObjectType({ description: 'What became of a request for a schedule.' })
export class CreateSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: 'The schedule, unless the request was refused.' })
  schedule!: Schedule | null;

  @Field({ description: 'True when the schedule was there already, by the same client token and input.' })
  replayed!: boolean;

  @Field(() => [ExportUserError], { description: 'Everything that is wrong with the request; empty when nothing is.' })
  userErrors!: readonly ExportUserError[];
}

@InputType({ description: 'Which schedule.' })
export class ScheduleInput {
  @Field(() => ID, { description: 'The id that `createSchedule` returned.' })
  id!: string;
}

@ObjectType({ description: 'What became of a request to change a schedule.' })
export class ChangeSchedulePayload {
  @Field(() => Schedule, { nullable: true, description: 'The schedule as it is now, if the viewer may see it.' })
  schedule!: Schedule | null;

  @Field(() => [ExportUserError], { description: 'Why it was not changed; empty when it was, or was so already.' })
  userErrors!: readonly ExportUserError[];
}

@ArgsType()
export class SchedulesArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Only schedules of this table.' })
  tableArn?: string | null;
}
