import { GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { STORY_EVENTS, type StoryEntry, type StoryEvent } from '../services/export-story.ts';
import type { DataFile as File } from '../services/list-files.ts';
import type { ExportPreview as Preview } from '../services/preview-export.ts';
import type { AttributeProfile as Profile } from '../services/samples/attribute-profile.ts';
import type { SampledItem } from '../services/samples/sample.ts';
import { type Snippet as PastedText, SNIPPET_TOOLS, type SnippetTool as Tool } from '../services/snippets/snippet.ts';
import { enumOf, NEW_VALUES } from './enums.ts';

const GONE = 'Null when the file is not in the bucket any more.';

@ObjectType({ description: 'A data file of an export.' })
export class DataFile implements Omit<File, 'position'> {
  @Field({ description: 'Its key in the bucket.' })
  key!: string;

  @Field(() => GraphQLSafeInt, { description: 'Items in it, as the manifest says.' })
  itemCount!: number;

  @Field(() => GraphQLSafeInt, { nullable: true, description: `Its size in bytes, compressed. ${GONE}` })
  sizeBytes!: number | null;

  @Field({ description: 'The MD5 of its compressed bytes, in base64, as the manifest says.' })
  md5Checksum!: string;

  @Field({ description: 'Its ETag, as the manifest says.' })
  etag!: string;

  @Field(() => String, {
    nullable: true,
    description: `An address that whoever has it can download the file from, until \`downloadUrlExpiresAt\`. ${GONE}`,
  })
  downloadUrl!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when a download may be begun: five minutes from now.',
  })
  downloadUrlExpiresAt!: string | null;
}

@ObjectType({ description: 'What the items that were read show of one attribute.' })
export class AttributeProfile implements Profile {
  @Field({ description: 'Its name.' })
  name!: string;

  @Field(() => [String], { description: 'Its types as DynamoDB names them (`S`, `N`, …), the most frequent first.' })
  types!: readonly string[];

  @Field(() => Float, { description: 'How many of them have it, 0 to 1.' })
  share!: number;
}

@ObjectType({ description: 'A look at the beginning of an export.' })
export class ExportPreview implements Preview {
  @Field(() => [GraphQLJSONObject], {
    description:
      'Items as DynamoDB JSON; of an incremental export as they are after the change. Fewer than asked for when they are large: 1 MiB in all.',
  })
  items!: readonly SampledItem[];

  @Field(() => [GraphQLJSONObject], {
    description: 'Keys of items that were deleted in the window of an incremental export, as DynamoDB JSON.',
  })
  deletedKeys!: readonly SampledItem[];

  @Field(() => [AttributeProfile], { description: 'The attributes of all items that were read; at most 500.' })
  attributes!: readonly AttributeProfile[];

  @Field(() => Int, { description: 'How many lines were read: at most 1,000, from 1 MiB of the files.' })
  itemsRead!: number;
}

const SnippetTool = enumOf<Tool>(...SNIPPET_TOOLS);
registerEnumType(SnippetTool, {
  name: 'SnippetTool',
  description: `What a snippet is for. ${NEW_VALUES}`,
  valuesConfig: {
    ATHENA: { description: 'Amazon Athena.' },
    GLUE: { description: "AWS Glue's data catalog." },
    DUCKDB: { description: 'DuckDB. Reads no Ion.' },
    SPARK: { description: 'Apache Spark, in Python. Reads no Ion.' },
    IMPORT_TABLE: { description: "DynamoDB's ImportTable. Takes no incremental exports." },
    AWS_CLI: { description: 'The AWS CLI.' },
  },
});

@ObjectType({ description: 'Text that does something with the files of an export when it is pasted.' })
export class Snippet implements PastedText {
  @Field(() => SnippetTool, { description: 'What it is for.' })
  tool!: Tool;

  @Field({ description: 'What it does, in a few words of English.' })
  title!: string;

  @Field(() => String, { description: '`sql`, `json`, `python` or `bash`.' })
  language!: PastedText['language'];

  @Field({ description: 'The text.' })
  text!: string;

  @Field(() => String, { nullable: true, description: 'What to know before it is run, in English.' })
  note!: string | null;
}

const StoryEvents = enumOf<StoryEvent>(...STORY_EVENTS);
registerEnumType(StoryEvents, {
  name: 'ExportStoryEvent',
  description: `What can happen to an export. ${NEW_VALUES}`,
  valuesConfig: {
    REQUESTED: { description: 'Somebody asked for it.' },
    ALLOWED: { description: 'The policies allowed it.' },
    ADOPTED: { description: 'It was started elsewhere (console, CLI, Terraform).' },
    QUEUED: { description: 'It waits for a slot or for DynamoDB.' },
    ADMITTED: { description: 'Its turn in the queue came, and it was decided on again.' },
    STARTED: { description: 'DynamoDB took it.' },
    COMPLETED: { description: 'It completed.' },
    FAILED: { description: 'It failed.' },
    CANCELED: { description: 'It was canceled.' },
    VERIFIED: { description: 'The latest check found the files as they should be.' },
    MISMATCH: { description: 'The latest check found files that are not as they should be.' },
    UNAVAILABLE: { description: 'The latest check could not read the files.' },
  },
});

@ObjectType({ description: 'A moment in the life of an export.' })
export class ExportStoryEntry implements StoryEntry {
  @Field(() => GraphQLDateTime, { description: 'When.' })
  time!: string;

  @Field(() => StoryEvents, { description: 'What happened.' })
  event!: StoryEvent;

  @Field({ description: 'The same in a few words of English.' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'More about it, in English.' })
  detail!: string | null;
}
