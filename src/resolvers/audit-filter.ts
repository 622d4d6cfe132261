import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import type { AuditEvent } from '../records/audit-event.ts';
import type { AuditEventFilter as Filter } from '../services/view-audit.ts';
import { PageArgs } from './connection.ts';
import { AuditEventOrder, AuditOutcome, AuditSource } from './enums.ts';

@InputType({ description: 'Which audit events to list. What is left out does not restrict.' })
class AuditEventFilter {
  @Field(() => AuditSource, { nullable: true, description: 'Events that were recorded by this one.' })
  source?: AuditEvent['source'] | null;

  @Field(() => ID, { nullable: true, description: "Events about this export, by Outport's id." })
  exportId?: string | null;

  @Field(() => String, { nullable: true, description: 'Events about this table and its exports, by its ARN.' })
  tableArn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "What this person did, by their token's subject, or this principal of AWS, by its ARN.",
  })
  principal?: string | null;

  @Field(() => String, { nullable: true, description: 'Events of this name, such as `ExportTable`.' })
  eventName?: string | null;

  @Field(() => AuditOutcome, { nullable: true, description: 'Events that tell this.' })
  outcome?: AuditEvent['outcome'] | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Events from this time on.' })
  from?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Events before this time.' })
  before?: Date | null;
}

@ArgsType()
export class AuditEventsArgs extends PageArgs {
  @Field(() => AuditEventFilter, { nullable: true, description: 'Which events to list.' })
  filter?: AuditEventFilter | null;

  @Field(() => AuditEventOrder, {
    defaultValue: AuditEventOrder.EVENT_TIME_DESC,
    description: 'In which order. A cursor is of use in its own order only.',
  })
  orderBy!: keyof typeof AuditEventOrder;
}

/** What was left out, and what was sent as null, restricts nothing. */
export function auditFilterOf(filter: AuditEventFilter | null | undefined): Filter {
  const { source, exportId, tableArn, principal, eventName, outcome, from, before } = filter ?? {};
  return {
    source: source ?? null,
    exportId: exportId ?? null,
    tableArn: tableArn ?? null,
    principal: principal ?? null,
    eventName: eventName ?? null,
    outcome: outcome ?? null,
    from: from?.toISOString() ?? null,
    before: before?.toISOString() ?? null,
  };
}
