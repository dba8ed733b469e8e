import django.db.models.deletion
from django.db import migrations, models


def keep_what_was_discussed(apps, schema_editor):
    """The text that each draft was last discussed with becomes its first publication; of earlier ones none was kept."""
    Draft, Publication = (apps.get_model("services", name) for name in ("RegulationDraft", "Publication"))
    Publication.objects.bulk_create(
        Publication(
            draft=row, number=1, created_at=row.discussed_at, until=row.discussed_until, content=row.discussed_content
        )
        for row in Draft.objects.filter(discussed_at__isnull=False)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0002_operators'),
        ('services', '0004_drafts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('until', models.DateField(null=True)),
                ('because', models.JSONField(default=dict)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='services.regulationdraft')),
            ],
            options={
                'ordering': (models.OrderBy(models.F('number')),),
                'constraints': [
                    models.UniqueConstraint(fields=('draft', 'number'), name='publication_number_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('because', {}), ('until__isnull', False)), models.Q(('until__isnull', True), models.Q(('because', {}), _negated=True)), _connector='OR'), name='published_for_discussion_or_for_a_reason'),
                ],
            },
        ),
        migrations.RunPython(keep_what_was_discussed, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint(
            model_name='regulationdraft',
            name='draft_is_discussed_until_a_day',
        ),
        migrations.RemoveField(
            model_name='regulationdraft',
            name='discussed_content',
        ),
        migrations.AddConstraint(
            model_name='regulationdraft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('discussed_at__isnull', True), ('discussed_until__isnull', True)), models.Q(('discussed_at__isnull', False), ('discussed_until__isnull', False)), _connector='OR'), name='draft_is_discussed_until_a_day'),
        ),
        migrations.AddField(
            model_name='comment',
            name='discussion',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='registryrequest',
            name='arose_on',
            field=models.DateField(help_text='when the change that is to be entered arose (S10.6)', null=True),
        ),
    ]
