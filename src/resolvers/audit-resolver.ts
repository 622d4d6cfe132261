import { Args, ArgsType, Ctx, Field, ID, InputType, Query, Resolver } from 'type-graphql';
import { auditPosition } from '../records/audit-records.ts';
import { listAuditEvents } from '../services/view.ts';
import { AuditEvent } from './audit-types.ts';
import { connectionOf, PageArgs, pageOf, toConnection } from './connection.ts';
import type { RequestContext } from './request-context.ts';

@InputType({ description: 'Which audit events to list. What is left out does not restrict.' })
class AuditEventFilter {
  @Field(() => ID, { nullable: true, description: "Events about this export, by Outport's id." })
  exportId?: string | null;
}

@ArgsType()
class AuditEventsArgs extends PageArgs {
  @Field(() => AuditEventFilter, { nullable: true, description: 'Which events to list.' })
  filter?: AuditEventFilter | null;
}

const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

@Resolver()
export class AuditResolver {
  @Query(() => AuditEventConnection, { description: 'The audit events that the viewer may read, newest first.' })
  async auditEvents(@Args(() => AuditEventsArgs) args: AuditEventsArgs, @Ctx() { outport, principal }: RequestContext) {
    const filter = { exportId: args.filter?.exportId ?? null };
    const cursorFilter = { list: 'auditEvents', ...filter };
    const page = await listAuditEvents(outport, principal, filter, pageOf(args, cursorFilter));
    return toConnection(page, auditPosition, cursorFilter);
  }
}
