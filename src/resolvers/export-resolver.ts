import { Arg, Args, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { EVERY_EXPORT, exportTopic } from '../records/connections.ts';
import { type ExportRecord, exportPosition } from '../records/export-records.ts';
import { exportTable } from '../services/export-table.ts';
import { fits, listExports } from '../services/list-exports.ts';
import { mayView, viewExport } from '../services/view.ts';
import { connectionOf, pageOf, toConnection } from './connection.ts';
import { ExportFilter, ExportsArgs, exportsCursorFilter, filterOf } from './export-filter.ts';
import { ExportTableInput, ExportTablePayload } from './export-table-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';
import { notFound } from './top-level-errors.ts';

export const ExportConnection = connectionOf(Export, 'Export');

@Resolver()
export class ExportResolver {
  @Query(() => Export, {
    nullable: true,
    description: 'An export by its id; null when there is none or the viewer may not see it.',
  })
  export(
    @Arg('id', () => ID, { description: 'The id that `exportTable` returned.' }) id: string,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Export | null> {
    return viewExport(outport, principal, id);
  }

  @Query(() => ExportConnection, {
    description:
      'The exports that the viewer may see. A page costs the same however many exports there are; one that hardly anything fits may be short, with more behind it.',
  })
  async exports(@Args(() => ExportsArgs) args: ExportsArgs, @Ctx() { outport, principal }: RequestContext) {
    const filter = filterOf(args.filter, principal.issuer);
    const cursorFilter = exportsCursorFilter(filter, args.orderBy);
    const order = args.orderBy === 'CREATED_AT_ASC' ? 'OLDEST_FIRST' : 'NEWEST_FIRST';
    const page = await listExports(outport, principal, filter, { ...pageOf(args, cursorFilter), order });
    return toConnection(page, exportPosition, cursorFilter);
  }

  @Mutation(() => ExportTablePayload, {
    description:
      'Asks for an export of a table to S3. Returns at once: the export goes on by itself, QUEUED or IN_PROGRESS; follow it with `exportUpdated` or `export`.',
  })
  exportTable(
    @Arg('input', () => ExportTableInput, { description: 'What to export, and where to.' }) input: ExportTableInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<ExportTablePayload> {
    return exportTable(outport, principal, origin, input);
  }

  /** `event` is the record after a move, or undefined at the beginning: see capture-pub-sub. */
  @Subscription(() => Export, {
    topics: ({ args }) => exportTopic(String(args.id)),
    filter: ({ payload, args }: { payload?: ExportRecord; args: { after?: number | null } }) =>
      payload === undefined || payload.version > (args.after ?? 0),
    description:
      'An export as it is now, then each later version once and in order, until it has ended. Of progress, versions may be left out when newer ones are there; of states that end the export, none. After a failure of ours a version may come twice.',
  })
  async exportUpdated(
    @Root() event: ExportRecord | undefined,
    @Arg('id', () => ID, { description: 'The id that `exportTable` returned.' }) id: string,
    @Arg('after', () => Int, {
      nullable: true,
      description: 'The last `version` that you have seen, when you come back: only newer ones are told.',
    })
    _after: number | null | undefined,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Export> {
    const record = event ?? (await viewExport(outport, principal, id));
    if (!record || !mayView(outport, principal, record)) throw notFound('There is no export with this id.');
    return record;
  }

  /** `event` as above. */
  @Subscription(() => Export, {
    topics: EVERY_EXPORT,
    filter: ({
      payload,
      args,
      context,
    }: {
      payload?: ExportRecord;
      args: { filter?: ExportFilter | null };
      context: RequestContext;
    }) =>
      payload === undefined ||
      (fits(payload, filterOf(args.filter, context.principal.issuer)) &&
        mayView(context.outport, context.principal, payload)),
    nullable: true,
    description:
      'Every change of the exports that fit a filter and that the viewer may see, each as it is after the change. First null, as soon as nothing is missed any more: read `exports` then. Of each export, versions come once and in order, as with `exportUpdated`. It ends with the connection.',
  })
  exportsUpdated(
    @Root() event: ExportRecord | undefined,
    @Arg('filter', () => ExportFilter, {
      nullable: true,
      description: 'Which exports to follow, as they are after the change. Left out: all.',
    })
    _filter: ExportFilter | null | undefined,
  ): Export | null {
    return event ?? null;
  }
}
