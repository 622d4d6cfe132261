import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Ctx, Field, FieldResolver, InputType, ObjectType, Query, Resolver, Root } from 'type-graphql';
import type { ExportRecord } from '../records/export-records.ts';
import { viewerCan, whyNotExportTable } from '../services/viewer.ts';
import { ExportDestinationInput, ExportUserError } from './export-table-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';

@ObjectType({ description: 'The person whose token the request carries.' })
class Viewer {
  @Field({ description: 'The OpenID Connect issuer that vouches for them.' })
  issuer!: string;

  @Field({ description: "The issuer's identifier for them." })
  subject!: string;

  @Field(() => String, { nullable: true, description: 'Their name, if the token has one.' })
  name!: string | null;

  @Field(() => [String], {
    description: 'Their teams as policies know them: by the names in the token, behind the prefix of the issuer.',
  })
  teams!: readonly string[];

  @Field(() => GraphQLDateTime, { description: 'When the token ends, and every subscription that was begun with it.' })
  tokenExpiresAt!: Date;
}

@InputType({ description: 'A table and a destination.' })
class CanExportTableInput {
  @Field({ description: 'ARN of the table: `arn:aws:dynamodb:<region>:<account>:table/<name>`.' })
  tableArn!: string;

  @Field(() => ExportDestinationInput, { description: 'Where to.' })
  destination!: ExportDestinationInput;
}

@ObjectType({ description: 'Whether something is permitted.' })
class ExportPermission {
  @Field({ description: 'True when `userErrors` is empty.' })
  allowed!: boolean;

  @Field(() => [ExportUserError], { description: 'What stands against it; the remedy names what is allowed instead.' })
  userErrors!: readonly ExportUserError[];
}

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { description: 'Who am I?' })
  viewer(@Ctx() { principal }: RequestContext): Viewer {
    const { issuer, subject, name, teams, expiresAtSeconds } = principal;
    return { issuer, subject, name, teams, tokenExpiresAt: new Date(expiresAtSeconds * 1000) };
  }

  @FieldResolver(() => ExportPermission, {
    description:
      'Whether the policies and the list of destinations let the viewer export a table, as it is now and whole. Looks at neither the table nor the bucket: that is what `preflight` does.',
  })
  canExportTable(
    @Arg('input', () => CanExportTableInput, { description: 'What, and where to.' }) input: CanExportTableInput,
    @Ctx() { outport, principal }: RequestContext,
  ): ExportPermission {
    const userErrors = whyNotExportTable(outport, principal, input);
    return { allowed: userErrors.length === 0, userErrors };
  }
}

@Resolver(() => Export)
export class ViewerCanResolver {
  @FieldResolver({ description: 'Whether to offer `cancelExport`: it is possible now, and permitted to the viewer.' })
  viewerCanCancel(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): boolean {
    return viewerCan(outport, principal, 'cancel', record);
  }

  @FieldResolver({
    description:
      'Whether to offer `retryExport`: it is possible now, and both the retry and the new export are permitted to the viewer.',
  })
  viewerCanRetry(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): boolean {
    return viewerCan(outport, principal, 'retry', record);
  }

  @FieldResolver({ description: 'Whether to offer `verifyExport`: it is possible now, and permitted to the viewer.' })
  viewerCanVerify(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): boolean {
    return viewerCan(outport, principal, 'verify', record);
  }

  @FieldResolver({
    description: 'Whether to offer `files`, `preview` and `snippets`: there are files, and the viewer may read them.',
  })
  viewerCanRead(@Root() record: ExportRecord, @Ctx() { outport, principal }: RequestContext): boolean {
    return viewerCan(outport, principal, 'read', record);
  }
}
