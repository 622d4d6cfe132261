import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { type ExportRecord, exportPosition, type ExportStatus as Status } from '../records/export-records.ts';
import { exportTable } from '../services/export-table.ts';
import { listExports, mayView, viewExport } from '../services/view.ts';
import { exportTopic } from './capture-pub-sub.ts';
import { connectionOf, PageArgs, pageOf, toConnection } from './connection.ts';
import { ExportStatus } from './enums.ts';
import { ExportTableInput, ExportTablePayload } from './export-table-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';
import { notFound } from './top-level-errors.ts';

@InputType({ description: 'Which exports to list. What is left out does not restrict.' })
class ExportFilter {
  @Field(() => String, { nullable: true, description: 'Exports of this table, by its ARN.' })
  tableArn?: string | null;

  @Field(() => ExportStatus, { nullable: true, description: 'Exports that stand here now.' })
  status?: Status | null;
}

@ArgsType()
class ExportsArgs extends PageArgs {
  @Field(() => ExportFilter, { nullable: true, description: 'Which exports to list.' })
  filter?: ExportFilter | null;
}

const ExportConnection = connectionOf(Export, 'Export');

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

  @Query(() => ExportConnection, { description: 'The exports that the viewer may see, newest first.' })
  async exports(@Args(() => ExportsArgs) args: ExportsArgs, @Ctx() { outport, principal }: RequestContext) {
    const filter = { tableArn: args.filter?.tableArn ?? null, status: args.filter?.status ?? null };
    const cursorFilter = { list: 'exports', ...filter };
    const page = await listExports(outport, principal, filter, pageOf(args, cursorFilter));
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
    description:
      'An export as it is now, then after every change, until it has ended. Delivered at least once, in no promised order: keep the highest `version`.',
  })
  async exportUpdated(
    @Root() event: ExportRecord | undefined,
    @Arg('id', () => ID, { description: 'The id that `exportTable` returned.' }) id: string,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Export> {
    const record = event ?? (await viewExport(outport, principal, id));
    if (!record || !mayView(outport, principal, record)) throw notFound('There is no export with this id.');
    return record;
  }
}
