/** Made by `source_plugin.ts`. */
declare module "virtual:sources" {
  interface Excerpt {
    /** Below `src`. */
    readonly file: string;
    readonly name: string;
    /** From 1, both included. */
    readonly firstLine: number;
    readonly lastLine: number;
    readonly text: string;
  }

  /** By the key of a switch, the functions that it is about. */
  const excerpts: Readonly<Record<string, readonly Excerpt[]>>;
  export default excerpts;
}
