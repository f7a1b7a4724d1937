/** The grammar of the commands about this machine: `doctor`, `init`, `completion`. */
import { Argument, type Command } from "commander";
import type { DoctorOptions } from "./commands/doctor.ts";
import { type CompletionShell, SHELLS } from "./completion-scripts.ts";
import { after, asking, type End } from "./program-parts.ts";
import type { Shell } from "./shell.ts";

const DOCTOR_HELP = `It changes nothing. It looks at this program, the configuration and the data directory that \`start\` would use here, and at the server
that answers: at --url or REEVE_URL, else where that configuration says. Every row of the database and every audit is read.
Every finding has a code that stays, and a remedy. Ends with 1 where there is an error.`;

const COMPLETION_HELP = `bash: source <(reeve completion bash)        in ~/.bashrc
zsh:  source <(reeve completion zsh)         in ~/.zshrc
fish: reeve completion fish | source         in ~/.config/fish/config.fish`;

export function addMachine(program: Command, shell: Shell, end: End): void {
  asking(program.command("doctor"))
    .description("Look for what is wrong with the installation, the data directory and the server.")
    .addHelpText("after", after(["reeve doctor", "reeve doctor --org DEMO@ReeveOrg -o json"], DOCTOR_HELP))
    .action(async (options: DoctorOptions) => end(await (await import("./commands/doctor.ts")).doctor(shell, options)));
  program
    .command("init")
    .argument("[directory]", "where to write it (default: the working directory)")
    .description("Write reeve.config.yaml, with every setting as a comment. Overwrites nothing.")
    .addHelpText("after", after("reeve init reeve-server"))
    .action(async (directory: string | undefined) => end((await import("./commands/config-init.ts")).init(shell, directory)));
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "your shell").choices(SHELLS))
    .description("Print a script that completes commands and options in a shell.")
    .addHelpText("after", after("reeve completion bash", COMPLETION_HELP))
    .action(async (kind: CompletionShell) => end((await import("./commands/completion.ts")).completion(shell, program, kind)));
}
