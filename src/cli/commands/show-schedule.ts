import { ScheduleDocument } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { describeChain, describeSchedule, listLinks } from '../api/describe-schedule.ts';
import { apiCommand, examples } from '../api/options.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count } from '../option-values.ts';
import { print } from '../print.ts';

/** `outport schedules show`. */
export const showScheduleCommand = () =>
  apiCommand('show')
    .summary('show a schedule and its chain')
    .description('Shows a schedule, whether its chain is whole, and the last links of it.')
    .argument('<id>', 'the schedule')
    .option('--links <number>', 'how many links at most, up to 100', count, 20)
    .addHelpText(
      'after',
      `\nEnds with 3 when there is a gap in the chain, or files of it are not as they should be.\n${examples(
        'outport schedules show sch_hvp2z6bhbxk5m5adzhyfjeid6a',
      )}`,
    )
    .action((id, options) =>
      withClient(options, async (client) => {
        const { schedule } = await client.request(ScheduleDocument, { id, first: options.links, after: null });
        if (!schedule) {
          throw new CommandError(`There is no schedule "${id}" that you may see.`, 'See "outport schedules list".');
        }
        print(options.output, schedule, () =>
          [describeSchedule(schedule), describeChain(schedule), listLinks(schedule.chain.nodes)].join('\n\n'),
        );
        if (schedule.verdict.contiguous && schedule.verdict.verified) return;
        if (schedule.verdict.links === 0) return;
        throw new CommandError(
          'The chain is not whole.',
          'See its problems; the next chain begins with all of it.',
          EXIT.FAILED,
        );
      }),
    );
