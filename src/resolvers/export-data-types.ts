import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { STORY_EVENTS, type StoryEntry, type StoryEvent } from '../services/export-story.ts';
import type { DataFile as File } from '../services/list-files.ts';
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
