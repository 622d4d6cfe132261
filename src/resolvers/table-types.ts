import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AccountRegion as Scope } from '../records/ledger.ts';
import type { RecoveryWindow as Recovery, ViewedTable } from '../services/view-tables.ts';
import { PageArgs } from './connection.ts';
import { enumOf } from './enums.ts';

@ObjectType({ description: 'An account in one Region.' })
export class AccountRegion implements Pick<Scope, 'account' | 'region'> {
  @Field({ description: 'The 12-digit id of the account.' })
  account!: string;

  @Field({ description: 'The Region, such as `eu-central-1`.' })
  region!: string;
}

@ArgsType()
export class TablesArgs extends PageArgs {
  @Field({ description: 'The 12-digit id of an account.' })
  account!: string;

  @Field({ description: 'A Region, such as `eu-central-1`.' })
  region!: string;

  @Field(() => String, { nullable: true, description: 'Only tables whose names begin with this.' })
  nameBeginsWith?: string | null;
}

export const KeyType = enumOf('HASH', 'RANGE');
registerEnumType(KeyType, { name: 'KeyType', description: 'The part of a key, as DynamoDB names it.' });

@ObjectType({ description: "An attribute of a table's key." })
export class KeyAttribute {
  @Field({ description: 'Name of the attribute.' })
  attributeName!: string;

  @Field(() => KeyType, { description: 'HASH: the partition key; RANGE: the sort key.' })
  keyType!: keyof typeof KeyType;

  @Field({ description: 'Its type: `S`, `N` or `B`.' })
  attributeType!: string;
}

@ObjectType({ description: 'The times that a table can be exported as of.' })
export class RecoveryWindow implements Recovery {
  @Field(() => GraphQLDateTime, { nullable: true, description: 'The earliest. Null when AWS does not say.' })
  earliestRestorableTime!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'The latest that AWS promises, about five minutes ago. Later ones up to now have been exported as well. Null when AWS does not say.',
  })
  latestRestorableTime!: string | null;

  @Field(() => Int, { nullable: true, description: 'How many days back it reaches at most, 1 to 35.' })
  recoveryPeriodInDays!: number | null;
}

/** Its fields are resolved by TableResolver, which asks DynamoDB for those that are wanted. */
@ObjectType({ description: 'A table, as DynamoDB describes it now.' })
export class Table implements ViewedTable {
  table!: ViewedTable['table'];
  description!: ViewedTable['description'];
  recovery!: ViewedTable['recovery'];
}
