import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ExceededLimit as Exceeded } from '../services/admission.ts';
import type { LimitsInUse, QuotaUse as OwnUse, LimitUse as Use } from '../services/limits-in-use.ts';
import { enumOf, NEW_VALUES } from './enums.ts';

export const WhenFull = enumOf('QUEUE', 'REFUSE');
registerEnumType(WhenFull, {
  name: 'WhenFull',
  description: 'What to do with an export that a limit leaves no room for.',
  valuesConfig: {
    QUEUE: { description: 'Let it wait, QUEUED, until there is room. Teams take turns.' },
    REFUSE: { description: 'Refuse it with LIMIT_EXCEEDED, and leave nothing behind.' },
  },
});

const LimitScope = enumOf('ACCOUNT_REGION', 'TEAM', 'PERSON');
registerEnumType(LimitScope, {
  name: 'LimitScope',
  description: `For whom a limit counts, always in one account and Region. ${NEW_VALUES}`,
  valuesConfig: {
    ACCOUNT_REGION: { description: 'For all exports there, those that were started elsewhere among them.' },
    TEAM: { description: 'For the exports of a team.' },
    PERSON: { description: 'For the exports of a person.' },
  },
});

const LimitMeasure = enumOf('EXPORTS', 'BYTES', 'STARTS_PER_DAY', 'QUEUED');
registerEnumType(LimitMeasure, {
  name: 'LimitMeasure',
  description: `What a limit counts. ${NEW_VALUES}`,
  valuesConfig: {
    QUEUED: { description: 'Exports that wait in the queue.' },
    EXPORTS: { description: 'Exports in flight.' },
    BYTES: { description: 'Bytes of the tables whose exports are in flight.' },
    STARTS_PER_DAY: { description: 'Exports that were let in within the last 24 hours.' },
  },
});

@ObjectType({ description: 'What of a limit is in use.' })
export class LimitUse implements Use {
  @Field(() => GraphQLSafeInt, { description: 'How much is in use.' })
  inUse!: number;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'The limit; null: there is none.' })
  max!: number | null;
}

@ObjectType({ description: 'What of a quota is in use.' })
class QuotaUse implements OwnUse {
  @Field(() => LimitScope, { description: 'Whether it is a team or a person.' })
  scope!: OwnUse['scope'];

  @Field({ description: "The team's name, or the person's subject." })
  name!: string;

  @Field(() => LimitUse, { description: 'Exports in flight.' })
  exports!: LimitUse;

  @Field(() => LimitUse, {
    nullable: true,
    description: 'Exports that were let in within the last 24 hours; null where they are not limited.',
  })
  startsPerDay!: LimitUse | null;
}

const OWN_ONLY = 'Null when the viewer may see only their own quotas.';

@ObjectType({ description: 'What is in use of the limits of an account and Region.' })
export class Limits implements Pick<LimitsInUse, 'account' | 'region' | 'quotas'> {
  @Field({ description: 'The 12-digit id of the account.' })
  account!: string;

  @Field({ description: 'The Region.' })
  region!: string;

  @Field(() => LimitUse, {
    nullable: true,
    description: `Exports in flight, those that were started elsewhere among them. ${OWN_ONLY}`,
  })
  exports!: LimitUse | null;

  @Field(() => LimitUse, {
    nullable: true,
    description: `Bytes of the tables whose exports are in flight. ${OWN_ONLY}`,
  })
  bytes!: LimitUse | null;

  @Field(() => Int, { nullable: true, description: `Exports that wait for room. ${OWN_ONLY}` })
  queued!: number | null;

  @Field(() => [QuotaUse], { description: "The viewer's teams, then the viewer." })
  quotas!: readonly QuotaUse[];
}

@ObjectType({ description: 'A limit that leaves no room.' })
export class ExceededLimit implements Exceeded {
  @Field(() => LimitScope, { description: 'For whom it counts.' })
  scope!: Exceeded['scope'];

  @Field(() => LimitMeasure, { description: 'What it counts.' })
  measure!: Exceeded['measure'];

  @Field(() => GraphQLSafeInt, { description: 'How much is in use.' })
  inUse!: number;

  @Field(() => GraphQLSafeInt, { description: 'The limit.' })
  max!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'From when on there is room again: exactly for STARTS_PER_DAY, else an estimate from past exports; null without any.',
  })
  retryAt!: string | null;
}
