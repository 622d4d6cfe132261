import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { preflight } from '../services/preflight.ts';
import { ExportTableInput } from './export-table-types.ts';
import { Preflight } from './preflight-types.ts';
import type { RequestContext } from './request-context.ts';

@Resolver()
export class PreflightResolver {
  @Query(() => Preflight, {
    description:
      'Looks for every reason why a request would be refused at once or fail minutes later, and estimates what it may come to. Starts nothing and writes no object.',
  })
  async preflight(
    @Arg('input', () => ExportTableInput, { description: 'The request, as `exportTable` takes it.' })
    input: ExportTableInput,
    @Ctx() { outport, principal, origin }: RequestContext,
  ): Promise<Preflight> {
    const { ready, checks, estimates } = await preflight(outport, principal, origin, input);
    return { ready, estimates, checks: checks.map((check) => ({ ...check, errorCode: check.refusal?.code ?? null })) };
  }
}
