import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { type ExportRecord, isWaiting } from '../records/export-records.ts';
import { cancelExport } from '../services/cancel-export.ts';
import { limitsInUse } from '../services/limits-in-use.ts';
import { type Places, placeOf, readPlaces } from '../services/queue.ts';
import { parseAccountRegion, tableOf } from '../services/table-arn.ts';
import { ExportUserError } from './export-table-types.ts';
import { Export } from './export-types.ts';
import { Limits } from './limit-types.ts';
import type { RequestContext } from './request-context.ts';
import { badUserInput } from './top-level-errors.ts';

@InputType({ description: 'A request to take an export out of the queue.' })
class CancelExportInput {
  @Field(() => ID, { description: 'The id that `exportTable` returned.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Returned as it is.' })
  clientMutationId?: string | null;
}

@ObjectType({ description: 'What became of a request to cancel an export.' })
class CancelExportPayload {
  @Field(() => Export, { nullable: true, description: 'The export as it is now, if the viewer may see it.' })
  export!: Export | null;

  @Field(() => [ExportUserError], { description: 'Why it was not canceled; empty when it was.' })
  userErrors!: readonly ExportUserError[];

  @Field(() => String, { nullable: true, description: 'As it was sent.' })
  clientMutationId!: string | null;
}

/** The queues that one request has read: a list of exports reads each once. */
const queuesOf = new WeakMap<RequestContext, Map<string, Promise<Places>>>();

@Resolver(() => Export)
export class QueueResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Its place in the queue of its account and Region while it waits for room there, 1 being next. Teams take turns, so it may grow as well as shrink.',
  })
  async queuePosition(@Root() record: ExportRecord, @Ctx() context: RequestContext): Promise<number | null> {
    if (!isWaiting(record)) return null;
    const queues = queuesOf.get(context) ?? new Map<string, Promise<Places>>();
    queuesOf.set(context, queues);
    const table = tableOf(record);
    const scope = `${table.account} ${table.region}`;
    const places = queues.get(scope) ?? readPlaces(context.outport, table);
    queues.set(scope, places);
    return placeOf(await places, record);
  }

  @Mutation(() => CancelExportPayload, {
    description:
      'Takes an export out of the queue. One that DynamoDB has been asked for runs to its end: DynamoDB cannot cancel it.',
  })
  async cancelExport(
    @Arg('input', () => CancelExportInput, { description: 'Which export.' }) {
      id,
      clientMutationId,
    }: CancelExportInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<CancelExportPayload> {
    const result = await cancelExport(outport, principal, origin, id);
    return { ...result, clientMutationId: clientMutationId ?? null };
  }

  @Query(() => Limits, {
    nullable: true,
    description:
      'What is in use of the limits of an account and Region, and of the quotas of the viewer; null when they may see neither.',
  })
  async limits(
    @Arg('account', () => String, { description: 'The 12-digit id of an account.' }) account: string,
    @Arg('region', () => String, { description: 'A Region, such as `eu-central-1`.' }) region: string,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Limits | null> {
    const scope = parseAccountRegion(account, region);
    if (!scope) throw badUserInput(`"${account}" in "${region}" is not an account in a Region.`);
    const inUse = await limitsInUse(outport, principal, scope);
    if (!inUse) return null;
    const { inAll, ...own } = inUse;
    return { ...own, exports: inAll?.exports ?? null, bytes: inAll?.bytes ?? null, queued: inAll?.queued ?? null };
  }
}
