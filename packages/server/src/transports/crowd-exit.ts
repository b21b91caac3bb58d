/** The way out for the sockets of this process whose peers have gone. */
import { CrowdExit } from '../core/index.ts';

export const crowdExit: CrowdExit = new CrowdExit({ afterTurn: (task) => void setImmediate(task) });
