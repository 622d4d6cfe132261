/** What the engine refuses or reports. The code is part of the API, the message is not. */
export class BackupError extends Error {
  constructor(
    readonly code: 'BACKUPS_OFF' | 'BACKUPS_ON' | 'TIME_OUTSIDE_HISTORY' | 'DAMAGED' | 'TOO_MANY_JOBS' | 'CLOSED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BackupError';
  }
}

/** Stored bytes are not what was written. Nothing made from them has been handed out. */
export class DamagedError extends BackupError {
  constructor(
    readonly file: string,
    /** Where in the file the damaged record or block begins. */
    readonly offset: number,
    readonly reason: string,
  ) {
    super('DAMAGED', `${file} is damaged at byte ${offset}: ${reason}`);
    this.name = 'DamagedError';
  }
}
