import { LimitsDocument, type LimitsQuery } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { accountRegions } from '../api/find-table.ts';
import { apiCommand, examples } from '../api/options.ts';
import { bytes, print, table } from '../print.ts';

type Limits = NonNullable<LimitsQuery['limits']>;

/** `outport limits`. */
export const limitsCommand = () =>
  apiCommand('limits')
    .summary('show what of the limits is in use')
    .description(
      'Shows what is in use of the limits of accounts and Regions, and of your quotas and those of your teams.',
    )
    .option('--account <id>', 'of this account (default: all that Outport knows)')
    .option('--region <region>', 'of this Region')
    .addHelpText('after', examples('outport limits', 'outport limits --account 111122223333 --region eu-central-1'))
    .action((options) =>
      withClient(options, async (client) => {
        const limits: Limits[] = [];
        for (const place of await accountRegions(client, options)) {
          const { limits: found } = await client.request(LimitsDocument, place);
          if (found) limits.push(found);
        }
        print(options.output, limits, () =>
          table(limits.flatMap(rowsOf), [
            { title: 'ACCOUNT', of: ({ account }) => account },
            { title: 'REGION', of: ({ region }) => region },
            { title: 'OF', of: ({ of }) => of },
            { title: 'LIMIT', of: ({ limit }) => limit },
            { title: 'IN USE', of: ({ inUse, written }) => written(inUse), right: true },
            { title: 'MAX', of: ({ max, written }) => (max === null ? 'none' : written(max)), right: true },
          ]),
        );
      }),
    );

interface Use {
  readonly inUse: number;
  /** Null: there is no limit. */
  readonly max: number | null;
}

function rowsOf({ account, region, exports, bytes: size, queued, quotas }: Limits) {
  const row = (of: string, limit: string, use: Use | null, written: (value: number) => string = String) =>
    use ? [{ account, region, of, limit, ...use, written }] : [];
  return [
    ...row('everybody', 'exports in flight', exports),
    ...row('everybody', 'size of their tables', size, bytes),
    ...row('everybody', 'waiting', queued === null ? null : { inUse: queued, max: null }),
    ...quotas.flatMap(({ scope, name, exports: inFlight, startsPerDay }) => {
      const of = `${scope.toLowerCase()} ${name}`;
      return [...row(of, 'exports in flight', inFlight), ...row(of, 'starts in 24 hours', startsPerDay)];
    }),
  ];
}
