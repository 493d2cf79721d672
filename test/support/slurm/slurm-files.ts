interface SlurmConf {
  dir: string;
  host: string;
  controllerPort: number;
  nodePorts: { n1: number; n2: number };
  /** Memory of each node. */
  memoryMib: number;
  minJobAgeSeconds: number;
}

/**
 * Two nodes on one machine. Their CPUs are configured here, whatever the machine has. The partitions `one`, `two` and
 * `three` run as many jobs at a time; `wide` is for tests that place jobs on nodes by themselves.
 */
export function slurmConf({
  dir,
  host,
  controllerPort,
  nodePorts,
  memoryMib,
  minJobAgeSeconds,
}: SlurmConf): string {
  const node = (name: 'n1' | 'n2'): string =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${nodePorts[name]} CPUs=32 RealMemory=${memoryMib} Gres=gpu:2 State=UNKNOWN`;
  const partition = (name: string, nodes: string, more: string): string =>
    `PartitionName=${name} Nodes=${nodes} MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP ${more}`;
  return `${[
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controllerPort}`,
    // Without these the daemons listen on all interfaces.
    'CommunicationParameters=NoInAddrAny,NoCtldInAddrAny',
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${dir}/munge/munge.socket`,
    'CredType=cred/munge',
    `StateSaveLocation=${dir}/state`,
    `SlurmdSpoolDir=${dir}/spool/%n`,
    `SlurmctldPidFile=${dir}/run/slurmctld.pid`,
    `SlurmdPidFile=${dir}/run/slurmd.%n.pid`,
    `SlurmctldLogFile=${dir}/log/slurmctld.log`,
    `SlurmdLogFile=${dir}/log/slurmd.%n.log`,
    'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    'SwitchType=switch/none',
    'MpiDefault=none',
    'SchedulerType=sched/backfill',
    'SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=20000',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU_Memory',
    'DefMemPerNode=512',
    'GresTypes=gpu',
    `MinJobAge=${minJobAgeSeconds}`,
    'KillWait=2',
    'MessageTimeout=3',
    'SlurmdTimeout=6',
    'SlurmctldTimeout=6',
    'JobRequeue=1',
    'UnkillableStepTimeout=60',
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/linux',
    'JobAcctGatherFrequency=1',
    'JobAcctGatherParams=OverMemoryKill',
    'AccountingStorageType=accounting_storage/none',
    'JobCompType=jobcomp/none',
    node('n1'),
    node('n2'),
    partition('wide', 'ALL', 'Default=YES'),
    partition('one', 'n2', 'MaxCPUsPerNode=1'),
    partition('two', 'n2', 'MaxCPUsPerNode=2'),
    partition('three', 'n1', 'MaxCPUsPerNode=3'),
  ].join('\n')}\n`;
}

/** A node drops a GPU without a device file; files without a driver behind them are enough. */
export const gresConf = (dir: string): string =>
  `NodeName=n1 Name=gpu File=${dir}/dev/nvidia[0-1]\nNodeName=n2 Name=gpu File=${dir}/dev/nvidia[2-3]\n`;

interface SshFiles {
  dir: string;
  port: number;
}

export function sshdConfig({
  dir,
  port,
  environment,
}: SshFiles & { environment: Record<string, string> }): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return `${[
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/ssh/host`,
    `AuthorizedKeysFile ${dir}/ssh/authorized`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    `PidFile ${dir}/run/sshd.pid`,
    `SetEnv ${variables.join(' ')}`,
  ].join('\n')}\n`;
}

export function sshConfig({ dir, port }: SshFiles): string {
  return `${[
    'Host login',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  IdentityFile ${dir}/ssh/user`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${dir}/ssh/known`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
  ].join('\n')}\n`;
}
