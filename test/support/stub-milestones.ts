// A stand-in for the store where the workflow is the subject: what it was asked to keep, and whether it takes it.
import type { MilestoneRequest, ShortActivities } from '../../src/contract/activities.js';

export class StubMilestones {
  readonly asked: MilestoneRequest[] = [];
  /** Throws where the store does not take it; by default it does. */
  onKeep: (milestone: MilestoneRequest) => void | Promise<void> = () => {};

  readonly activities: Pick<ShortActivities, 'keepMilestone'> = {
    keepMilestone: async (milestone) => {
      this.asked.push(milestone);
      await this.onKeep(milestone);
    },
  };

  of(taskId: string): MilestoneRequest[] {
    return this.asked.filter((milestone) => milestone.taskId === taskId);
  }
}
