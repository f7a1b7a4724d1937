/** The door of the settings: the table of them, and the file that holds them. */
export { CONFIG_BYTES_MAX, type ConfigFault, type ConfigText, type Given, readConfigFile, shownUnknown } from "./file.ts";
export { writePath } from "./structure.ts";
export { LOG_LEVELS, OTHER_KEYS, SETTINGS, type Setting, type SettingName, type Values } from "./table.ts";
