import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, InputType } from 'type-graphql';
import type { ExportRecord, ExportStatus as Status } from '../records/export-records.ts';
import type { ListFilter } from '../services/cursors.ts';
import type { ExportFilter as Filter } from '../services/list-exports.ts';
import { PageArgs } from './connection.ts';
import { ExportOrder, ExportStatus, ExportType } from './enums.ts';

@InputType({ description: 'A person, as their token names them.' })
class RequesterFilter {
  @Field({ description: "The issuer's identifier for them (`sub`)." })
  subject!: string;

  @Field(() => String, { nullable: true, description: "The OpenID Connect issuer. Left out: the viewer's own." })
  issuer?: string | null;
}

@InputType({ description: 'Which exports to list: those that fit everything that is sent.' })
export class ExportFilter {
  @Field(() => String, { nullable: true, description: 'Exports of this table, by its ARN.' })
  tableArn?: string | null;

  @Field(() => ExportStatus, { nullable: true, description: 'Exports that stand here now.' })
  status?: Status | null;

  @Field(() => ExportType, { nullable: true, description: 'Exports of this type.' })
  exportType?: ExportRecord['exportType'] | null;

  @Field(() => RequesterFilter, { nullable: true, description: 'Exports that this person asked for.' })
  requestedBy?: RequesterFilter | null;

  @Field(() => String, { nullable: true, description: 'Exports that count for this team.' })
  team?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Exports created at this time or later.' })
  createdFrom?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Exports created before this time.' })
  createdBefore?: Date | null;
}

@ArgsType()
export class ExportsArgs extends PageArgs {
  @Field(() => ExportFilter, { nullable: true, description: 'Which exports to list. Left out: all.' })
  filter?: ExportFilter | null;

  @Field(() => ExportOrder, { defaultValue: ExportOrder.CREATED_AT_DESC, description: 'In which order.' })
  orderBy!: keyof typeof ExportOrder;
}

/** What a cursor of the list of exports is of use for. */
export function exportsCursorFilter({ requestedBy, ...fields }: Filter, orderBy: keyof typeof ExportOrder): ListFilter {
  const requester = requestedBy && JSON.stringify([requestedBy.issuer, requestedBy.subject]);
  return { list: 'exports', orderBy, requester, ...fields };
}

/** The filter with all that was left out spelled out. */
export const filterOf = (filter: ExportFilter | null | undefined, viewersIssuer: string): Filter => ({
  tableArn: filter?.tableArn ?? null,
  status: filter?.status ?? null,
  exportType: filter?.exportType ?? null,
  requestedBy: filter?.requestedBy
    ? { issuer: filter.requestedBy.issuer ?? viewersIssuer, subject: filter.requestedBy.subject }
    : null,
  team: filter?.team ?? null,
  createdFrom: filter?.createdFrom?.toISOString() ?? null,
  createdBefore: filter?.createdBefore?.toISOString() ?? null,
});
