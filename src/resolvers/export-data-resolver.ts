import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ExportRecord } from '../records/export-records.ts';
import { exportStory } from '../services/export-story.ts';
import { listFiles } from '../services/list-files.ts';
import { connectionOf, PageArgs, pageOf, toConnection } from './connection.ts';
import { DataFile, ExportStoryEntry } from './export-data-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';
import { tellingRefusals } from './top-level-errors.ts';

const DataFileConnection = connectionOf(DataFile, 'DataFile');
/** A place in the manifest, which has 100,000 files at most. */
const FILE_POSITION = /^\d{1,6}$/;

@Resolver(() => Export)
export class ExportDataResolver {
  @FieldResolver(() => DataFileConnection, {
    nullable: true,
    description:
      'Its data files, in the order of the manifest, each with a link to download it. Null until it has COMPLETED, and for whoever may not read them (`viewerCanRead`). Reading is recorded in the audit.',
  })
  async files(
    @Root() record: ExportRecord,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { outport, principal, origin }: RequestContext,
  ) {
    const filter = { list: 'files', exportId: record.id };
    const page = pageOf(args, filter, FILE_POSITION);
    const files = await tellingRefusals(listFiles(outport, { principal, origin }, record, page));
    return files && toConnection(files, ({ position }) => String(position), filter);
  }

  @FieldResolver(() => [ExportStoryEntry], { description: 'What has become of it so far, oldest first.' })
  story(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): Promise<ExportStoryEntry[]> {
    return exportStory(outport, principal, record);
  }
}
