import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { type VerifyExportInput as Input, verifyExport } from '../services/verify-export.ts';
import { ExportUserError } from './export-table-types.ts';
import { Export } from './export-types.ts';
import type { RequestContext } from './request-context.ts';

@InputType({ description: 'A request to check the files of an export again.' })
class VerifyExportInput implements Input {
  @Field(() => ID, { description: 'The export, which must be COMPLETED.' })
  id!: string;

  @Field({
    defaultValue: false,
    description:
      'Whether to read every file, check its MD5 and count its lines. Otherwise manifests, ETags and sizes are compared.',
  })
  deep!: boolean;
}

@ObjectType({ description: 'What became of a request to verify an export.' })
class VerifyExportPayload {
  @Field(() => Export, {
    nullable: true,
    description: 'The export as it is now, if the viewer may see it. `verification` tells how far it has come.',
  })
  export!: Export | null;

  @Field(() => [ExportUserError], { description: 'Why it is not verified; empty when it is.' })
  userErrors!: readonly ExportUserError[];
}

@Resolver()
export class VerifyResolver {
  @Mutation(() => VerifyExportPayload, {
    description:
      'Asks for the files of a COMPLETED export to be checked again. Returns at once; a deep check of a large export takes as long as reading it. Its status stays what it is: files may have been moved or deleted since on purpose.',
  })
  verifyExport(
    @Arg('input', () => VerifyExportInput, { description: 'Which export, and how.' }) input: VerifyExportInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<VerifyExportPayload> {
    return verifyExport(outport, principal, origin, input);
  }
}
