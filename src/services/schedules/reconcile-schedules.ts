import { readDueSchedules, readSchedule, type ScheduleRecord } from '../../records/schedule-records.ts';
import { inParallel } from '../in-parallel.ts';
import type { Outport } from '../outport.ts';
import type { Run } from '../run.ts';
import { scheduleWorld } from './schedule-world.ts';
import { stepSchedule } from './step-schedule.ts';

const PARALLEL_SCHEDULES = 4;
/** Of one schedule in one run, so that none that is far behind keeps the others waiting. */
const STEPS_MAX = 10;

/** Takes the steps of every schedule that are due. It may be started at any moment, killed at any moment and run twice. */
export async function reconcileSchedules(outport: Outport, run: Run): Promise<void> {
  await inParallel(await readDueSchedules(outport.table, outport.now()), PARALLEL_SCHEDULES, async ({ id }) => {
    try {
      await takeDueSteps(outport, id, run);
    } catch (error) {
      run.report(error, id);
    }
  });
}

async function takeDueSteps(outport: Outport, id: string, run: Run): Promise<void> {
  const world = scheduleWorld(outport);
  for (let steps = 0; steps < STEPS_MAX && run.remainingMs() > 0; steps += 1) {
    // The index may be behind.
    const schedule = await readSchedule(outport.table, id);
    if (!schedule || !isDue(schedule, outport.now())) return;
    await stepSchedule(world, schedule);
  }
}

const isDue = ({ status, nextStepAt }: ScheduleRecord, now: Date): boolean =>
  status === 'ACTIVE' && nextStepAt <= now.toISOString();
