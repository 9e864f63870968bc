from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("staff", "0007_provider_session")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="morning_email",
            field=models.BooleanField(default=False, verbose_name="mejl på morgonen"),
        ),
        migrations.AddField(
            model_name="user",
            name="morning_email_on",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
    ]
