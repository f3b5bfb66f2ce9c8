// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tern/ternN: registers, queues and contexts as text; ABI/debugfs-tern describes
 * them.
 */
#include <linux/debugfs.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>

#include "tern_drv.h"

/* One file's text; what does not fit is left out. */
#define TERN_DEBUGFS_BYTES	SZ_64K

static struct dentry *tern_debugfs_root;

/*
 * Is there a device whose registers can be read? A reset of ours in another thread does them no
 * harm, but one of the PCI core, or a channel that is frozen, leaves nobody to answer.
 */
static bool tern_reachable(struct tern_device *tdev)
{
	enum tern_state state = tern_get_state(tdev);

	return state == TERN_LIVE || (state == TERN_RESETTING && !READ_ONCE(tdev->pci_owns));
}

static int tern_debugfs_show(struct seq_file *file, struct tern_device *tdev,
			     void (*dump)(struct seq_buf *out, void *arg), void *arg)
{
	struct seq_buf out;
	char *text;
	int idx;

	text = vzalloc(TERN_DEBUGFS_BYTES);
	if (!text)
		return -ENOMEM;
	seq_buf_init(&out, text, TERN_DEBUGFS_BYTES);
	idx = tern_enter(tdev);
	if (!tern_unbound(tdev))
		dump(&out, arg);
	tern_exit(tdev, idx);
	seq_write(file, text, seq_buf_used(&out));
	vfree(text);
	return 0;
}

static void tern_debugfs_registers(struct seq_buf *out, void *arg)
{
	struct tern_device *tdev = arg;

	if (tern_reachable(tdev))
		tern_dump_registers(out, tdev);
}

static int registers_show(struct seq_file *file, void *unused)
{
	return tern_debugfs_show(file, file->private, tern_debugfs_registers, file->private);
}
DEFINE_SHOW_ATTRIBUTE(registers);

static void tern_debugfs_contexts(struct seq_buf *out, void *arg)
{
	tern_dump_contexts(out, arg);
}

static int contexts_show(struct seq_file *file, void *unused)
{
	return tern_debugfs_show(file, file->private, tern_debugfs_contexts, file->private);
}
DEFINE_SHOW_ATTRIBUTE(contexts);

static void tern_debugfs_queue(struct seq_buf *out, void *arg)
{
	struct tern_queue *q = arg;

	tern_dump_queue(out, q, tern_reachable(q->tdev));
}

static int queue_show(struct seq_file *file, void *unused)
{
	struct tern_queue *q = file->private;

	return tern_debugfs_show(file, q->tdev, tern_debugfs_queue, q);
}
DEFINE_SHOW_ATTRIBUTE(queue);

/* As everywhere, debugfs may fail, and nobody shall mind. */
void tern_debugfs_add(struct tern_device *tdev)
{
	char name[16];
	unsigned int i;

	tdev->debugfs = debugfs_create_dir(dev_name(&tdev->dev), tern_debugfs_root);
	debugfs_create_file("registers", 0400, tdev->debugfs, tdev, &registers_fops);
	debugfs_create_file("contexts", 0400, tdev->debugfs, tdev, &contexts_fops);
	for (i = 0; i < tdev->queue_count; i++) {
		snprintf(name, sizeof(name), "queue%u", i);
		debugfs_create_file(name, 0400, tdev->debugfs, &tdev->queues[i], &queue_fops);
	}
}

/* No file is being read when this returns. */
void tern_debugfs_remove(struct tern_device *tdev)
{
	debugfs_remove_recursive(tdev->debugfs);
}

void tern_debugfs_init(void)
{
	tern_debugfs_root = debugfs_create_dir(TERN_NAME, NULL);
}

void tern_debugfs_exit(void)
{
	debugfs_remove_recursive(tern_debugfs_root);
}
