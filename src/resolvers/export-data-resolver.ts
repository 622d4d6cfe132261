import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { ExportRecord } from '../records/export-records.ts';
import { exportStory } from '../services/export-story.ts';
import { listFiles } from '../services/list-files.ts';
import { previewOf, sampleExport } from '../services/preview-export.ts';
import { beginReading, type ReadableExport } from '../services/read-export-data.ts';
import type { Sample } from '../services/samples/sample.ts';
import { snippetsOf } from '../services/snippets-of.ts';
import { connectionOf, PageArgs, pageOf, toConnection } from './connection.ts';
import { DataFile, ExportPreview, ExportStoryEntry, Snippet } from './export-data-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';
import { tellingRefusals } from './top-level-errors.ts';

const DataFileConnection = connectionOf(DataFile, 'DataFile');
/** A place in the manifest, which has 100,000 files at most. */
const FILE_POSITION = /^\d{1,6}$/;

type Sampled = { readonly readable: ReadableExport; readonly sample: Sample };

/** What one request has read of exports: preview and snippets read, and are recorded, once. */
const samplesOf = new WeakMap<RequestContext, Map<string, Promise<Sampled | null>>>();

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

  @FieldResolver(() => ExportPreview, {
    nullable: true,
    description:
      'Its first items, read from the files, and the attributes that they have. Null until it has COMPLETED, and for whoever may not read them. Reading is recorded in the audit.',
  })
  async preview(
    @Root() record: ExportRecord,
    @Arg('first', () => Int, { description: 'How many items at most, 1 to 100.' }) first: number,
    @Ctx() context: RequestContext,
  ): Promise<ExportPreview | null> {
    pageOf({ first }, {});
    const sampled = await tellingRefusals(sampleOnce(record, context));
    return sampled && previewOf(sampled.sample, first);
  }

  @FieldResolver(() => [Snippet], {
    description:
      'What to do with the files, as text that works when it is pasted, with columns for the attributes of the first items. None until it has COMPLETED, and for whoever may not read them. Reading is recorded in the audit.',
  })
  async snippets(@Root() record: ExportRecord, @Ctx() context: RequestContext): Promise<Snippet[]> {
    const sampled = await tellingRefusals(sampleOnce(record, context));
    return sampled ? tellingRefusals(snippetsOf(sampled.readable, sampled.sample)) : [];
  }

  @FieldResolver(() => [ExportStoryEntry], { description: 'What has become of it so far, oldest first.' })
  story(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): Promise<ExportStoryEntry[]> {
    return exportStory(outport, principal, record);
  }
}

function sampleOnce(record: ExportRecord, context: RequestContext): Promise<Sampled | null> {
  const samples = samplesOf.get(context) ?? new Map<string, Promise<Sampled | null>>();
  samplesOf.set(context, samples);
  const sampled = samples.get(record.id) ?? readSample(record, context);
  samples.set(record.id, sampled);
  return sampled;
}

async function readSample(
  record: ExportRecord,
  { outport, principal, origin }: RequestContext,
): Promise<Sampled | null> {
  const readable = await beginReading(outport, { principal, origin }, record, { preview: true });
  return readable && { readable, sample: await sampleExport(readable) };
}
