import { asError, TrexError } from './errors.ts';

/** The address at which a server was to listen, and the variables that set it. */
export interface ListenPlace {
  host: string;
  port: number;
  hostVariable: string;
  portVariable: string;
}

/**
 * Why a server cannot listen there, as a sentence that names the variable to change. Other errors are returned
 * unchanged.
 */
export function asListenProblem(error: NodeJS.ErrnoException, place: ListenPlace): Error {
  const { host, port, hostVariable, portVariable } = place;
  const problem = (code: string, sentence: string): TrexError =>
    new TrexError(code, 'config', sentence, { cause: error });
  switch (error.code) {
    case 'EADDRINUSE':
      return problem(
        'port_taken',
        `Port ${port} on ${host} is in use by something else. Set ${portVariable} to another port; 0 takes a free one.`,
      );
    case 'EACCES':
      return problem(
        'port_refused',
        `This user may not listen on port ${port}; ports below 1024 are for root. Set ${portVariable} to another port.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(
        'host_unknown',
        `This machine has no address ${host} to listen on. Set ${hostVariable} to one of its own, such as 127.0.0.1, or 0.0.0.0 for all of them.`,
      );
    default:
      return asError(error);
  }
}
