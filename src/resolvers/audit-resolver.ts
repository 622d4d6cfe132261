import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver } from 'type-graphql';
import { AUDIT_CHAINS } from '../records/audit-chain.ts';
import { auditPosition } from '../records/audit-records.ts';
import { cloudTrailIngestedThrough, listAuditEvents, viewAuditChain } from '../services/view-audit.ts';
import { AuditEventsArgs, auditFilterOf } from './audit-filter.ts';
import { AuditChain, AuditEvent } from './audit-types.ts';
import { connectionOf, PAGE_MAX, pageOf, toConnection } from './connection.ts';
import type { RequestContext } from './request-context.ts';
import { badUserInput } from './top-level-errors.ts';

const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

@Resolver(() => AuditEventConnection)
export class AuditResolver {
  @Query(() => AuditEventConnection, {
    description:
      "The audit events that the viewer may read. A page that hardly anything fits may be short, with more behind it. Reading is recorded, too: as an event `ViewAudit`, about no export, so that it is in nobody's story.",
  })
  async auditEvents(@Args(() => AuditEventsArgs) args: AuditEventsArgs, @Ctx() context: RequestContext) {
    const { outport, principal, origin } = context;
    const filter = auditFilterOf(args.filter);
    const cursorFilter = { list: 'auditEvents', orderBy: args.orderBy, ...filter };
    const order = args.orderBy === 'EVENT_TIME_ASC' ? 'OLDEST_FIRST' : 'NEWEST_FIRST';
    const page = { ...pageOf(args, cursorFilter), order } as const;
    return toConnection(await listAuditEvents(outport, principal, origin, filter, page), auditPosition, cursorFilter);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description:
      "How fresh CloudTrail's events are: up to when it was read, wherever Outport exports from; null when it has yet to be. CloudTrail itself tells of calls up to 15 minutes late.",
  })
  ingestedThrough(@Ctx() { outport }: RequestContext): Promise<string | null> {
    return cloudTrailIngestedThrough(outport);
  }

  @Query(() => AuditChain, {
    nullable: true,
    description:
      'A page of one of the hash chains that hold the audit, to verify it with: `outport audit verify` does. Null when the viewer may not read the audit as a whole. Reading it is recorded.',
  })
  async auditChain(
    @Arg('chain', () => Int, { description: `Which chain: 0 to ${AUDIT_CHAINS - 1}.` }) chain: number,
    @Arg('first', () => Int, { description: `How many at most, 1 to ${PAGE_MAX}.` }) first: number,
    @Arg('after', () => Int, { defaultValue: 0, description: '`sequence` of the last record of the page before.' })
    after: number,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<AuditChain | null> {
    expectWithin('chain', chain, 0, AUDIT_CHAINS - 1);
    expectWithin('first', first, 1, PAGE_MAX);
    expectWithin('after', after, 0, Number.MAX_SAFE_INTEGER);
    const page = await viewAuditChain(outport, principal, origin, { chain, first, after });
    return page && { entries: [...page.entries], hasNextPage: page.hasMore };
  }
}

function expectWithin(argument: string, value: number, min: number, max: number): void {
  if (value < min || value > max) {
    throw badUserInput(`"${argument}" must be between ${min} and ${max}, not ${value}.`);
  }
}
