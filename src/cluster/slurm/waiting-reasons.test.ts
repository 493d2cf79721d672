import { expect, test } from 'vitest';
import { explainReason } from './waiting-reasons.ts';

test.each([
  'JobHeldAdmin',
  'JobHeldUser',
  'PartitionTimeLimit',
  'PartitionNodeLimit',
  'PartitionConfig',
  'PartitionDown',
  'PartitionInactive',
  'BadConstraints',
  'InvalidAccount',
  'InvalidQOS',
  'QOSNotAllowed',
  'AccountNotAllowed',
  'AssocMaxWallDurationPerJobLimit',
  'QOSMaxWallDurationPerJobLimit',
  'AssocMaxGRESPerJob',
  'QOSMaxGRESPerNode',
  'AssocGrpGRESMinutes',
  'QOSGrpCPUMinutesLimit',
  'MaxMemPerLimit',
  'DependencyNeverSatisfied',
  'ReservationDeleted',
])('%s stays until people do something, and is said with its meaning', (reason) => {
  const { text, needsPeople } = explainReason(reason);
  expect(needsPeople).toBe(true);
  expect(text).toMatch(new RegExp(`^It waits in Slurm's queue: .{10,} \\(${reason}\\)\\.$`));
});

test.each([
  'Resources',
  'Priority',
  'AssocGrpGRES',
  'AssocGrpCpuLimit',
  'AssocGrpGRESRunMinutes',
  'QOSGrpCPURunMinutesLimit',
  'QOSMaxJobsPerUserLimit',
  'AssocMaxJobsLimit',
  'ReqNodeNotAvail, Reserved for maintenance',
  'Licenses',
  'BeginTime',
  'Dependency',
  'SomethingThatIsNew',
])('%s is a queue', (reason) => {
  expect(explainReason(reason)).toEqual({
    text: `It waits in Slurm's queue: ${reason}.`,
    needsPeople: false,
  });
});
