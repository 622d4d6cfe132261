import {
  DeleteScheduleDocument,
  type OutportClient,
  PauseScheduleDocument,
  ResumeScheduleDocument,
  type ScheduleFieldsFragment,
} from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { describeSchedule } from '../api/describe-schedule.ts';
import { apiCommand, examples } from '../api/options.ts';
import { unlessRefused } from '../api/unless-refused.ts';
import { print } from '../print.ts';

/** Saying it twice is saying it once. */
const ONCE = { repeatable: true };

/** `outport schedules pause`, `resume` and `delete`. */
export const changeScheduleCommands = () => [
  changeCommand('pause', 'make no more exports for now', async (client, id) =>
    unlessRefused((await client.request(PauseScheduleDocument, { input: { id } }, ONCE)).pauseSchedule),
  ),
  changeCommand('resume', 'go on where it was paused', async (client, id) =>
    unlessRefused((await client.request(ResumeScheduleDocument, { input: { id } }, ONCE)).resumeSchedule),
  ),
  changeCommand('delete', 'make no more exports, ever; those that there are stay', async (client, id) =>
    unlessRefused((await client.request(DeleteScheduleDocument, { input: { id } }, ONCE)).deleteSchedule),
  ),
];

type Change = (client: OutportClient, id: string) => Promise<ScheduleFieldsFragment>;

const changeCommand = (name: string, summary: string, change: Change) =>
  apiCommand(name)
    .summary(summary)
    .description(`Has a schedule ${summary}.`)
    .argument('<id>', 'the schedule')
    .addHelpText('after', examples(`outport schedules ${name} sch_hvp2z6bhbxk5m5adzhyfjeid6a`))
    .action((id, options) =>
      withClient(options, async (client) => {
        const schedule = await change(client, id);
        print(options.output, schedule, () => describeSchedule(schedule));
      }),
    );
