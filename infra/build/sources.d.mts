export function fingerprint(root: string): Promise<string>
export function isBuilt(root: string): Promise<boolean>
