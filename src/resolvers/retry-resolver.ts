import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from 'type-graphql';
import type { ExportRecord } from '../records/export-records.ts';
import { type RetryExportInput as Input, retryExport } from '../services/retry-export.ts';
import { viewExport } from '../services/view.ts';
import { ExportTablePayload } from './export-table-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';

@InputType({ description: 'A request for what a failed export was asked for.' })
class RetryExportInput implements Input {
  @Field(() => ID, { description: 'The export that FAILED.' })
  id!: string;

  @Field({ description: 'Makes the retry happen once, as for `exportTable`; not the token of the export that failed.' })
  clientToken!: string;
}

@Resolver(() => Export)
export class RetryResolver {
  @FieldResolver(() => Export, {
    nullable: true,
    description: 'The failed export that this one asks for again. Null if there is none, or the viewer may not see it.',
  })
  async retryOf(
    @Root() { retryOf }: ExportRecord,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Export | null> {
    return retryOf ? viewExport(outport, principal, retryOf) : null;
  }

  @Mutation(() => ExportTablePayload, {
    description:
      'Asks again for what a FAILED export was asked for, in the name of the viewer: a new export, checked as any other.',
  })
  retryExport(
    @Arg('input', () => RetryExportInput, { description: 'Which export.' }) input: RetryExportInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<ExportTablePayload> {
    return retryExport(outport, principal, origin, input);
  }
}
